"""The page that the server hands out to a browser, before anything has run in it."""

import gzip
import urllib.request

import pytest

PAGE = {"Accept": "text/html,application/xhtml+xml"}


def answer(server, path, **headers):
    asked = urllib.request.Request(f"{server.url}{path}", headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as got:
        return got.status, got.headers, got.read()


@pytest.mark.parametrize("path", ["/", "/latent", "/tour?present=1"])
def test_it_has_the_style_sheets_in_it(app_server, path):
    status, headers, body = answer(app_server, path, **PAGE)
    page = body.decode()
    assert status == 200
    assert int(headers["Content-Length"]) == len(body)
    assert page.index("<style>") < page.index("--ink-dim") < page.index('<div id="root">')
    assert "<title>aeviz</title>" in page


def test_whatever_a_browser_knows_and_takes_it_gets_all_of_it(app_server):
    """An older page kept by a browser has no sheets, or other ones."""
    plain = answer(app_server, "/")[1]
    kept = {"If-None-Match": plain["ETag"], "If-Modified-Since": plain["Last-Modified"]}
    _, headers, whole = answer(app_server, "/", **PAGE)
    more = kept | {"Accept-Encoding": "gzip", "Range": "bytes=0-99"}
    assert answer(app_server, "/", **PAGE, **more)[2] == whole
    assert not headers["ETag"] and not headers["Last-Modified"]


def test_other_answers_are_as_they_were(app_server):
    status, _, body = answer(app_server, "/_stcore/health")
    assert (status, body) == (200, b"ok")
    script = answer(app_server, "/")[2].decode().split('src="./static/js/')[1].split('"')[0]
    _, headers, body = answer(app_server, f"/static/js/{script}", **{"Accept-Encoding": "gzip"})
    if headers["Content-Encoding"] == "gzip":
        body = gzip.decompress(body)
    assert b"import" in body and b"--ink-dim" not in body
    _, headers, body = answer(app_server, "/favicon.png", **PAGE)
    assert body.startswith(b"\x89PNG") and headers["ETag"]
