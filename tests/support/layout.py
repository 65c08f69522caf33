"""Where the parts of an element lie in the browser."""


def assert_apart(element, selector):
    """The parts that `selector` names stick out on neither side and lie on one another nowhere."""
    boxes = element.evaluate(
        """(whole, selector) => [whole, ...whole.querySelectorAll(selector)].map((e) => {
            const b = e.getBoundingClientRect();
            return [e.className || e.tagName, b.left, b.top, b.right, b.bottom]; })""",
        selector,
    )
    (_, left, _, right, _), *parts = boxes
    assert parts
    for i, (name, a, b, c, d) in enumerate(parts):
        assert left - 1 <= a and c <= right + 1, f"{name} sticks out"
        for other, e, f, g, h in parts[:i]:
            apart = c <= e + 1 or g <= a + 1 or d <= f + 1 or h <= b + 1
            assert apart, f"{name} lies on {other}"
