"""What one client may have the server hold."""

import asyncio

from aeviz.ui.shell.served_limits import bounded


def test_whoever_does_not_read_is_not_asked_what_else_they_want():
    """And is heard again once they have read."""

    async def conversation():
        taken, wishes, heard = asyncio.Event(), asyncio.Queue(), []

        async def send(message):
            await taken.wait()  # as a connection whose other end reads nothing

        async def app(scope, receive, send):
            async def pages():
                await send({"type": "websocket.send", "bytes": b"a page"})

            page = asyncio.create_task(pages())
            await asyncio.sleep(0)
            while (message := await receive())["type"] != "websocket.disconnect":
                heard.append(message["bytes"])
            await page

        wishes.put_nowait({"type": "websocket.receive", "bytes": b"another page"})
        served = asyncio.create_task(bounded(app)({"type": "websocket"}, wishes.get, send))
        await asyncio.sleep(0.05)
        before = list(heard)
        taken.set()
        await asyncio.sleep(0.05)
        after = list(heard)
        wishes.put_nowait({"type": "websocket.disconnect"})
        await asyncio.wait_for(served, 5)
        return before, after

    assert asyncio.run(conversation()) == ([], [b"another page"])


def test_whoever_goes_is_let_go():
    async def conversation():
        never, wishes = asyncio.Event(), asyncio.Queue()

        async def send(message):
            await never.wait()

        async def app(scope, receive, send):
            page = asyncio.create_task(send({"type": "websocket.send", "bytes": b"a page"}))
            await asyncio.sleep(0)
            assert (await receive())["type"] == "websocket.disconnect"
            page.cancel()

        wishes.put_nowait({"type": "websocket.disconnect"})
        await asyncio.wait_for(bounded(app)({"type": "websocket"}, wishes.get, send), 5)

    asyncio.run(conversation())
