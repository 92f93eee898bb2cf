"""A small object store that speaks enough of S3 to read from: it serves a folder as one bucket."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

NO_KEY = b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'


def listed(folder: Path, prefix: str) -> bytes:
    """What a store answers that is asked which keys begin alike, up to the next slash."""
    keys, prefixes = "", ""
    below = folder / prefix.rpartition("/")[0]
    for path in sorted(below.iterdir()) if below.is_dir() else ():
        key = escape(path.relative_to(folder).as_posix())
        if not key.startswith(escape(prefix)):
            continue
        if path.is_dir():
            prefixes += f"<CommonPrefixes><Prefix>{key}/</Prefix></CommonPrefixes>"
        else:
            size = path.stat().st_size
            when = "2026-05-01T00:00:00.000Z"
            keys += f"<Contents><Key>{key}</Key><LastModified>{when}</LastModified>"
            keys += f"<ETag>0</ETag><Size>{size}</Size></Contents>"
    told = f"<Name>b</Name><IsTruncated>false</IsTruncated>{keys}{prefixes}"
    return f'<?xml version="1.0"?><ListBucketResult>{told}</ListBucketResult>'.encode()


@contextmanager
def serving(folder: Path, bucket: str = "photos") -> Iterator[tuple[str, list[str]]]:
    """Serve a folder; give the store's address, and the keys that were read, as they are read."""
    read: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            asked = unquote(urlsplit(self.path).path).removeprefix(f"/{bucket}").strip("/")
            if "AWS4-HMAC-SHA256 Credential=reader/" not in self.headers.get("Authorization", ""):
                self.send(403, b"")
            elif not asked:
                prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
                self.send(200, listed(folder, prefix))
            elif not (folder / asked).is_file():
                self.send(404, NO_KEY)
            else:
                self.send_part((folder / asked).read_bytes())
                read.append(asked)

        def send_part(self, data: bytes) -> None:
            span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if span is None:
                return self.send(200, data)
            first, last = int(span[1]), int(span[2] or len(data) - 1)
            extra = {"Content-Range": f"bytes {first}-{last}/{len(data)}"}
            return self.send(206, data[first : last + 1], extra)

        def send(self, status: int, body: bytes, extra: dict[str, str] | None = None) -> None:
            self.send_response(status)
            headers = {"Content-Length": str(len(body)), "ETag": '"0"'} | (extra or {})
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", read
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
