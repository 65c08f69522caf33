"""The tour: each stop opens its view, and next, back, leaving and links do what they say."""

from html import unescape

import pytest

from aeviz.ui.shell.pages import TOUR
from aeviz.ui.tour.stops import STOPS
from tests.pages.opened_page import address, opened, texts

NAMES = list(STOPS)
FIRST, LAST = NAMES[0], NAMES[-1]


def page_file(stop):
    return f"{stop.page}/page.py"


def bar(at) -> str:
    """What the bar says, "" where there is none."""
    said = [e.proto.body for e in at.get("html") if 'class="tour"' in e.proto.body]
    return unescape(said[0]) if said else ""


def buttons(at) -> dict:
    return {b.key: b for b in at.button if (b.key or "").startswith("tour_")}


def at_stop(name):
    stop = STOPS[name]
    return opened(page_file(stop), **stop.view, **{TOUR: name})


def shown_models(at) -> str:
    """Names that the page's own parts were handed: its address, its pickers, its components."""
    parts = [str(dict(at.query_params)), str([(s.key, s.value) for s in at.selectbox])]
    return " ".join(parts)


# --- the stops -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_stop_opens_its_view(name):
    stop = STOPS[name]
    at = at_stop(name)
    assert not at.warning and not at.error, texts(at)
    assert stop.title in bar(at)
    for key, value in stop.view.items():
        # What is usual may have been left out of the address.
        assert address(at, key) in (value, None), key
    for key in ("model", "beside", "recipe"):
        if key in stop.view:
            assert stop.view[key] in shown_models(at)


# --- going through it ----------------------------------------------------------------------------


def test_no_bar_without_a_tour():
    at = opened("latent/page.py")
    assert not bar(at) and not buttons(at)


def test_next_and_back_open_the_neighbours_views():
    at = at_stop("encoder")
    buttons(at)["tour_next"].click().run()
    assert not at.exception
    assert STOPS["decoder"].title in bar(at)
    assert address(at, TOUR) == "decoder" and address(at, "tab") is None
    buttons(at)["tour_back"].click().run()
    assert STOPS["encoder"].title in bar(at)
    assert (address(at, TOUR), address(at, "tab")) == ("encoder", "draw")


def test_the_first_stop_has_no_way_back_and_the_last_ends_the_tour():
    assert buttons(at_stop(FIRST))["tour_back"].disabled
    at = at_stop(LAST)
    buttons(at)["tour_next"].click().run()
    assert not bar(at) and address(at, TOUR) is None


def test_a_short_link_opens_the_stops_view():
    stop = STOPS["vae"]
    at = opened(page_file(stop), **{TOUR: "vae"})
    assert (address(at, "model"), address(at, "n")) == ("vae-2d", "24")


def test_a_short_link_on_another_page_goes_to_the_stops():
    at = opened("compression/page.py", **{TOUR: "vae"})
    assert STOPS["vae"].title in bar(at)
    assert at.title[0].value == "Manifold"


def test_a_link_that_says_more_keeps_what_it_says():
    at = opened("latent/page.py", model="deep-2d", **{TOUR: "decoder"})
    assert address(at, "model") == "deep-2d"
    assert STOPS["decoder"].title in bar(at)


def test_whoever_wanders_off_can_go_back_to_the_stop():
    at = at_stop("encoder")
    at.switch_page("compression/page.py").run()
    assert at.title[0].value == "What compression costs"
    assert STOPS["encoder"].title in bar(at)
    buttons(at)["tour_return"].click().run()
    assert at.title[0].value == "Latent space"
    assert (address(at, "model"), address(at, "tab")) == ("karpathy-2d", "draw")


def test_a_tour_that_was_left_goes_on_where_it_was():
    at = at_stop("encoder")
    buttons(at)["tour_leave"].click().run()
    assert not bar(at) and address(at, TOUR) is None
    at.switch_page("tour/page.py").run()
    assert buttons(at)["tour_next"].label == "Go on with stop 2"
    buttons(at)["tour_next"].click().run()
    assert STOPS["encoder"].title in bar(at)
    assert address(at, "tab") == "draw"


def test_the_way_in_opens_the_first_stop():
    at = opened("tour/page.py")
    assert not bar(at) and address(at, TOUR) is None
    buttons(at)["tour_next"].click().run()
    assert STOPS[FIRST].title in bar(at) and address(at, TOUR) == FIRST


def test_each_stop_can_be_opened_by_itself():
    at = opened("tour/page.py")
    assert [key.removeprefix("tour_stop.") for key in buttons(at) if "stop." in key] == NAMES
    buttons(at)["tour_stop.vae"].click().run()
    assert STOPS["vae"].title in bar(at) and address(at, TOUR) == "vae"
    at.switch_page("tour/page.py").run()
    assert not bar(at) and buttons(at)["tour_next"].label.startswith("Go on")


def test_a_wrong_stop_is_one_sentence_and_the_page_is_there():
    at = opened("latent/page.py", **{TOUR: "nonsense"})
    assert [w.value for w in at.warning] == [
        "The link asks for a stop that the tour does not have. Its first is under Tour."
    ]
    assert not bar(at) and address(at, TOUR) is None
    assert at.title[0].value == "Latent space"
