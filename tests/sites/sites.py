#!/usr/bin/env python3
"""Builds a folder of posts with a real site generator, and checks every link of the pages that it makes.

    sites.py has GENERATOR
    sites.py build GENERATOR POSTS SITE [--root]
    sites.py check BUILT [--host HOST] [--absent TEXT]...

GENERATOR is hexo, hugo or jekyll. `has` ends with 0 when it is installed. `build` makes a site with plain layouts in the new
folder SITE, puts the posts where the generator reads them (source/_posts, content, or the root of the site), the folder
POSTS/images where it is published as /images/, and prints the folder that it built; with `--root` POSTS is the root of a site
already, which is copied as it is. `check` reads every page there and fails
for a link or an image of the site itself that leads to no file, for a tag of a template engine that was not filled in, and
for a text that must not be published. The site's own host is example.org.

BINDERY_NODE_MODULES names the folder that holds hexo, hexo-renderer-marked and hexo-renderer-ejs; BINDERY_HUGO the program
hugo, if it is not on the path.
"""
import argparse
import html.parser
import json
import os
import pathlib
import posixpath
import re
import shutil
import subprocess
import sys
import urllib.parse

HOST = "example.org"
PLUGINS = ["hexo-renderer-marked", "hexo-renderer-ejs", "hexo-generator-alias"]

LAYOUT = "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>{content}</body>\n</html>\n"


def node_modules():
    return pathlib.Path(os.environ.get("BINDERY_NODE_MODULES", "node_modules")).absolute()


def hugo():
    return shutil.which(os.environ.get("BINDERY_HUGO") or "hugo")


def has(generator):
    if generator == "hexo":
        return bool(shutil.which("node")) and all((node_modules() / name).is_dir() for name in ["hexo", *PLUGINS[:2]])
    return bool(hugo() if generator == "hugo" else shutil.which("jekyll"))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def copy(posts, site, texts, images, root):
    """Puts the posts at one place of a site and their images at another, or a root of a site where it is."""
    if root:
        shutil.copytree(posts, site, dirs_exist_ok=True)
        return
    texts, images = site / texts, site / images
    shutil.copytree(posts, texts, dirs_exist_ok=True, ignore=lambda folder, _: ["images"] if pathlib.Path(folder) == posts else [])
    if (posts / "images").is_dir():
        shutil.copytree(posts / "images", images, dirs_exist_ok=True)


def run(command, folder):
    ran = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    said = ran.stdout + ran.stderr
    # Hexo ends with 0 when a post cannot be rendered.
    if ran.returncode != 0 or re.search(r"\b(FATAL|ERROR)\b", said):
        sys.exit(f"{command[0]} ended with {ran.returncode}:\n{said}")


def build_hexo(posts, site, root):
    copy(posts, site, "source/_posts", "source/images", root)
    plugins = [name for name in PLUGINS if (node_modules() / name).is_dir()]
    version = json.loads((node_modules() / "hexo/package.json").read_text())["version"]
    package = {"name": "site", "version": "1.0.0", "private": True, "hexo": {"version": version}}
    write(site / "package.json", json.dumps({**package, "dependencies": dict.fromkeys(["hexo", *plugins], "*")}))
    (site / "node_modules").symlink_to(node_modules())
    write(site / "_config.yml", f"title: Site\nurl: https://{HOST}\ntheme: plain\n")
    page = LAYOUT.format(title="<%= page.title %>", content="<%- page.content %>")
    for name in ["post", "page", "index", "layout"]:
        write(site / f"themes/plain/layout/{name}.ejs", "<%- body %>" if name == "layout" else page)
    run(["node", str(node_modules() / "hexo/bin/hexo"), "generate"], site)
    return site / "public"


def build_hugo(posts, site, root):
    copy(posts, site, "content", "static/images", root)
    write(site / "hugo.toml", f"baseURL = 'https://{HOST}/'\ntitle = 'Site'\n[markup.goldmark.renderer]\nunsafe = true\n")
    write(site / "layouts/_default/single.html", LAYOUT.format(title="{{ .Title }}", content="{{ .Content }}"))
    pages = "{{ range .Pages }}<a href=\"{{ .RelPermalink }}\">{{ .Title }}</a>\n{{ end }}"
    write(site / "layouts/_default/list.html", LAYOUT.format(title="{{ .Title }}", content=pages))
    run([hugo(), "--source", str(site), "--noBuildLock"], site)
    return site / "public"


def build_jekyll(posts, site, root):
    copy(posts, site, ".", "images", root)
    found = subprocess.run(["gem", "list", "-i", "jekyll-redirect-from"], capture_output=True, check=False).returncode == 0
    plugins = "plugins: [jekyll-redirect-from]\n" if found else ""
    write(site / "_config.yml", f"title: Site\nurl: https://{HOST}\npermalink: pretty\nfuture: true\n{plugins}")
    write(site / "_layouts/post.html", LAYOUT.format(title="{{ page.title }}", content="{{ content }}"))
    run(["jekyll", "build", "--source", str(site), "--destination", str(site / "_site"), "--disable-disk-cache"], site)
    return site / "_site"


class Page(html.parser.HTMLParser):
    """The links and images of a page."""

    def __init__(self):
        super().__init__()
        self.links, self.base, self.code, self.text = [], None, 0, []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.code += tag in ("code", "pre")
        if tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh":
            self.links.append((attributes.get("content") or "").partition("url=")[2])
        self.links += [attributes[name] for name in ("href", "src", "poster") if attributes.get(name)]

    def handle_endtag(self, tag):
        self.code -= tag in ("code", "pre") and self.code > 0

    def handle_data(self, data):
        if not self.code:
            self.text.append(data)


# What is left when a generator did not fill in a link.
UNFILLED = re.compile(r"\{%-?\s*(post_link|post_path|post_url|link)\b|\{\{[<%]\s*(rel)?ref\b|swig\ufffc")


def leads(built, page, link):
    """Whether a link leads to a file of the site; None for a link to another site."""
    if link.startswith("data:"):
        return None
    base = f"https://{HOST}/" + urllib.parse.quote(page.relative_to(built).as_posix())
    try:
        url = urllib.parse.urlsplit(urllib.parse.urljoin(base, link))
    except ValueError:
        return False
    if url.scheme not in ("http", "https"):
        return None
    if url.hostname != HOST:
        return None
    path = posixpath.normpath(urllib.parse.unquote(url.path)).lstrip("/")
    target = built / path
    return (target / "index.html").is_file() if target.is_dir() else target.is_file() or target.with_name(target.name + ".html").is_file()


def check(built, hosts, absent):
    dead, unfilled, published, links, pages = [], [], [], 0, 0
    for page in sorted(built.rglob("*")):
        if not page.is_file():
            continue
        text = page.read_bytes().decode("utf-8", "replace")
        name = page.relative_to(built).as_posix()
        published += [f"{name}: {word}" for word in absent if word in text or word in name]
        if page.suffix not in (".html", ".htm"):
            continue
        pages += 1
        parser = Page()
        parser.feed(text)
        tag = UNFILLED.search("".join(parser.text)) or next(filter(None, map(UNFILLED.search, parser.links)), None)
        unfilled += [f"{name}: {tag[0]}"] if tag else []
        for link in parser.links:
            found = leads(built, page, link)
            links += found is not None
            if found is False or urllib.parse.urlsplit(link).hostname in hosts:
                dead.append(f"{name}: {link}")
    report = {"pages": pages, "links": links, "dead": dead, "unfilled": unfilled, "published": published}
    print(json.dumps(report, ensure_ascii=False, indent=1))
    sys.exit(1 if dead or unfilled or published or not pages else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    generators = {"hexo": build_hexo, "hugo": build_hugo, "jekyll": build_jekyll}
    commands.add_parser("has").add_argument("generator", choices=generators)
    build = commands.add_parser("build")
    build.add_argument("generator", choices=generators)
    build.add_argument("posts", type=pathlib.Path)
    build.add_argument("site", type=pathlib.Path)
    build.add_argument("--root", action="store_true", help="POSTS is the root of a site")
    checked = commands.add_parser("check")
    checked.add_argument("built", type=pathlib.Path)
    checked.add_argument("--host", action="append", default=[], help="a host that no link may lead to")
    checked.add_argument("--absent", action="append", default=[], help="a text that must not be published")
    given = parser.parse_args()
    if given.command == "has":
        sys.exit(0 if has(given.generator) else 1)
    if given.command == "check":
        check(given.built.absolute(), given.host, given.absent)
    given.site.mkdir(parents=True)
    print(generators[given.generator](given.posts.absolute(), given.site.absolute(), given.root))


if __name__ == "__main__":
    main()
