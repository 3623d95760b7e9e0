"""Pages that several tests read."""

from __future__ import annotations

SENTENCES = (
    "铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的。",
    "他说装订一本书要三天，第一天只是把纸压平，急不得。",
    "如今来的多是学生，拿着自己写的本子，一本一本地订。",
)

CHINESE = (
    '<html lang="zh-CN"><head><title>老城的装订铺</title>{head}</head><body><nav><a href="/">首页</a></nav>'
    "<article><h1>老城的装订铺</h1>" + "".join(f"<p>{text}</p>" for text in SENTENCES) + "</article></body></html>"
)

ENGLISH = """<html lang="en"><head><title>Bread at the mill</title>
<meta name="author" content="Ada Miller"><meta property="article:published_time" content="2024-05-06T07:08:09+02:00">
</head><body><nav><a href="/">Home</a></nav><article><h1>Bread at the mill</h1>
<p>Flour, water and <b>salt</b>, and most of a day to wait for it, as the <a href="/miller">miller</a> says.</p>
<p>Nothing else goes in, whatever the recipe on the packet says about sugar.</p>
<figure><img src="/oven.png" alt="The oven"></figure>
<table><tr><th>Flour</th><th>Water</th></tr><tr><td>500 g</td><td>350 g</td></tr></table>
</article></body></html>"""


def chinese(head: str = "") -> str:
    return CHINESE.replace("{head}", head)
