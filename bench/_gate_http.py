"""Asks a gate over HTTP at a fixed rate, whatever the gate does; a process of its own.

`python bench/_gate_http.py PORT RATE SECONDS CONNECTIONS TAG AT` prints JSON: how many, wall seconds,
how many may proceed, latencies in ms from the moment each was due.
"""

import asyncio
import json
import sys
import time


def _body(tag: str, at: str, i: int) -> bytes:
    told = {
        "id": f"{tag}-{i}", "creditor": "bank", "debt": f"d{i}", "person": f"{tag}p{i}",
        "role": "debtor", "channel": "call", "number": f"139{i:08}", "kind": "interactive",
        "at": at, "lender_type": "bank", "declared": True, "in_phonebook": True,
    }  # fmt: skip
    body = json.dumps(told).encode()
    head = [
        "POST /v1/decide HTTP/1.1", "Host: localhost", "Content-Type: application/json",
        f"Content-Length: {len(body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(head).encode() + body


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    low = head.lower()
    at = low.index(b"content-length:") + 15
    return await reader.readexactly(int(low[at : low.index(b"\r\n", at)]))


async def main(port: int, rate: float, seconds: float, connections: int, tag: str, at: str) -> None:
    """Prints the figures."""
    count = int(rate * seconds)
    bodies = [_body(tag, at, i) for i in range(count)]
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    late, proceed = [0.0] * count, 0
    start = time.perf_counter() + 0.2

    async def one(i: int) -> None:
        nonlocal proceed
        reader, writer = await free.get()
        writer.write(bodies[i])
        answer = await _answer(reader)
        late[i] = (time.perf_counter() - start - i / rate) * 1e3
        proceed += b'"may_proceed":true' in answer
        free.put_nowait((reader, writer))

    tasks = []
    for i in range(count):
        wait = start + i / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(i)))
    await asyncio.gather(*tasks)
    wall = time.perf_counter() - start
    late.sort()
    told = {"count": count, "wall": wall, "proceed": proceed,
            "p50": late[count // 2], "p99": late[int(count * 0.99)], "max": late[-1]}  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    port, rate, seconds, connections, tag, at = sys.argv[1:]
    asyncio.run(main(int(port), float(rate), float(seconds), int(connections), tag, at))
