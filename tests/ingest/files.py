"""Small files of the formats that no library at hand writes."""

from __future__ import annotations

import textwrap


def pdf(pages: list[list[str]], title: str = "") -> bytes:
    """A PDF whose pages hold these lines in Helvetica, one under another (PDF 1.4, uncompressed, ASCII)."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for i, lines in enumerate(pages):
        shows = " T* ".join("({}) Tj".format(line.replace("(", r"\(").replace(")", r"\)")) for line in lines)
        stream = f"BT /F1 10 Tf 12 TL 50 780 Td {shows} ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * i} 0 R "
                       "/Resources << /Font << /F1 3 0 R >> >> >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< /Title ({title}) >>")
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R "
    return (out + f"/Info {len(objects)} 0 R >>\nstartxref\n{start}\n%%EOF\n").encode("ascii")


def locked_pdf() -> bytes:
    """A PDF that AES-256 encrypts, which pypdf opens only with another package at hand."""
    zeros = {name: "00" * count for name, count in (("O", 48), ("U", 48), ("OE", 32), ("UE", 32), ("Perms", 16))}
    keys = " ".join(f"/{name} <{value}>" for name, value in zeros.items())
    cipher = f"<< /Filter /Standard /V 5 /R 6 /Length 256 /P -4 {keys} /StmF /StdCF /StrF /StdCF " \
             "/CF << /StdCF << /CFM /AESV3 /Length 32 >> >> >>"
    return pdf([["Words"]]).replace(b" /Root 1 0 R", f" /Encrypt {cipher} /ID [<00><00>] /Root 1 0 R".encode())


def wrapped(text: str, width: int = 80) -> list[str]:
    return textwrap.wrap(text, width)


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Border talks resume - The Daily Sample</title>
<meta property="og:title" content="Border talks resume"><meta name="author" content="Jane Doe">
<meta property="og:site_name" content="The Daily Sample">
<meta property="article:published_time" content="2024-02-03T10:00:00Z">
<link rel="canonical" href="https://example.org/talks"></head><body>
<nav><a href="/">Home</a> <a href="/w">World</a></nav><article><h1>Border talks resume</h1>
<p>Envoys of both states met on Saturday, the first such meeting since the strikes of January.</p><h2>A long road</h2>
<p>They agreed to <b>meet again</b> in March &amp; to keep the crossing at Taftan open for traders.</p></article>
<footer>Privacy policy</footer></body></html>"""
