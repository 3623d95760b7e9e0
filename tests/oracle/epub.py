"""Reads a book as an e-reader does: container, package, table of contents, chapters. Prints what it finds as JSON."""

import json
import posixpath
import sys
import zipfile

from lxml import etree

NAMES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "o": "http://www.idpf.org/2007/opf",
    "d": "http://purl.org/dc/elements/1.1/",
    "h": "http://www.w3.org/1999/xhtml",
    "e": "http://www.idpf.org/2007/ops",
}


def main(path):
    book = zipfile.ZipFile(path)
    first = book.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED), first
    assert book.testzip() is None

    def parse(name):
        # Nothing but XML is accepted.
        return etree.fromstring(book.read(name), etree.XMLParser(resolve_entities=False))

    package = parse("META-INF/container.xml").xpath("string(//c:rootfile/@full-path)", namespaces=NAMES)
    root = posixpath.dirname(package)
    opf = parse(package)
    items = {item.get("id"): item.attrib for item in opf.xpath("//o:item", namespaces=NAMES)}
    files = {posixpath.join(root, item["href"]) for item in items.values()}
    packed = {name for name in book.namelist() if name.startswith(root + "/")} - {package}
    assert files == packed, files ^ packed
    chapters = []
    for reference in opf.xpath("//o:itemref/@idref", namespaces=NAMES):
        name = posixpath.join(root, items[reference]["href"])
        page = parse(name)
        for target in page.xpath("//@href | //@src"):
            if ":" not in target:
                to, _, fragment = target.partition("#")
                to = posixpath.normpath(posixpath.join(posixpath.dirname(name), to)) if to else name
                assert to in packed, target
                assert not fragment or parse(to).xpath("//*[@id=$id]", id=fragment), target
        chapters.append("".join(page.itertext()))
    nav = next(posixpath.join(root, item["href"]) for item in items.values() if item.get("properties") == "nav")
    contents = parse(nav).xpath("//h:nav[@e:type='toc']//h:a", namespaces=NAMES)
    print(json.dumps({
        "title": opf.xpath("string(//d:title)", namespaces=NAMES),
        "language": opf.xpath("string(//d:language)", namespaces=NAMES),
        "contents": ["".join(link.itertext()) for link in contents],
        "chapters": chapters,
    }, ensure_ascii=False))


main(sys.argv[1])
