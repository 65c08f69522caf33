"""What any browser may send, and what it must not do to the others."""

from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(...given) { super(...given); window.sockets.push(this); }
    };
"""
READY = 120_000


def test_emptying_the_caches_drops_no_run(open_page):
    owner = open_page("/?data=digits")
    owner.get_by_role("button", name="Train", exact=True).click()
    pause = owner.get_by_role("button", name="Pause")
    pause.wait_for(timeout=READY)

    other = open_page("/models")
    other.add_init_script(SOCKETS)
    other.reload()
    under_way = other.locator(".st-key-under_way")
    under_way.wait_for(timeout=READY)
    message = list(BackMsg(clear_cache=True).SerializeToString())
    other.evaluate("(bytes) => sockets.at(-1).send(new Uint8Array(bytes))", message)
    other.wait_for_timeout(2_000)

    other.reload()
    under_way.wait_for(timeout=READY)
    pause.wait_for()
    owner.get_by_role("button", name="Stop", exact=True).click()
    expect(owner.get_by_text("The model is saved")).to_be_visible(timeout=READY)
