"""Write access.log beside this file: one invented day of a small web shop.

The shop has a blog and a JSON API. Its log is in the "combined" format of nginx
and Apache, and holds what such logs hold in practice: crawlers, scanners, an
outage, escaped quotes, and a few lines that are not log lines at all.

Every choice comes from one seeded generator, so each run writes the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from itertools import accumulate, cycle
from pathlib import Path
from zlib import crc32

OUTPUT = Path(__file__).with_name("access.log")
SEED = 20261124
LINES = 12_000
# As many as make slightly more hits than LINES.
VISITS = 1_350
MALFORMED_OF_EACH_KIND = 6

SITE = "https://shop.example.com"
DATE = "24/Nov/2026"
DAY = 24 * 60 * 60
# Relative arrival rate of each hour of the day, from midnight.
HOURLY_RATE = (9, 6, 4, 3, 3, 5, 12, 24, 36, 44, 50, 54,
               60, 55, 48, 46, 47, 52, 60, 70, 76, 64, 40, 20)  # fmt: skip
# Seconds of the day during which most of what reached the back end failed.
OUTAGE = range(14 * 3600 + 7 * 60, 14 * 3600 + 13 * 60)

rng = random.Random(SEED)


# Drawing -------------------------------------------------------------------


class Zipf:
    """Draws items with a weight that falls off as one over their rank."""

    def __init__(self, items: Sequence, flatness: int = 2) -> None:
        self.items = items
        ranks = range(1, len(items) + 1)
        self.cumulative = list(accumulate(1 / (flatness + rank) for rank in ranks))

    def draw(self):
        return rng.choices(self.items, cum_weights=self.cumulative)[0]


def chance(probability: float) -> bool:
    return rng.random() < probability


def steady(text: str, low: int, high: int) -> int:
    """A number in low..high that is always the same for the same text."""
    return low + crc32(text.encode()) % (high - low)


def digest(text: str) -> str:
    return f"{crc32(text.encode()):08x}"


# User agents ---------------------------------------------------------------

WINDOWS = "Windows NT 10.0; Win64; x64"
MACOS = "Macintosh; Intel Mac OS X 10_15_7"
LINUX = "X11; Linux x86_64"


def chrome(platform: str, version: int, suffix: str = "", mobile: str = "") -> str:
    return (
        f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version}.0.0.0 {mobile}Safari/537.36{suffix}"
    )


def firefox(platform: str, version: int) -> str:
    return (
        f"Mozilla/5.0 ({platform}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    )


def safari(platform: str, version: str, mobile: str = "") -> str:
    return (
        f"Mozilla/5.0 ({platform}) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        f"Version/{version} {mobile}Safari/{'604.1' if mobile else '605.1.15'}"
    )


def iphone(release: str) -> str:
    return f"iPhone; CPU iPhone OS {release} like Mac OS X"


BROWSERS = (
    chrome(WINDOWS, 154),
    safari(iphone("18_7"), "26.4", "Mobile/15E148 "),
    chrome("Linux; Android 10; K", 154, mobile="Mobile "),
    chrome(MACOS, 154),
    safari(iphone("18_6"), "26.1", "Mobile/15E148 "),
    chrome(WINDOWS, 154, " Edg/154.0.0.0"),
    firefox(WINDOWS, 157),
    chrome("Linux; Android 10; K", 153, mobile="Mobile "),
    safari(MACOS, "26.4"),
    chrome(WINDOWS, 153),
    "Mozilla/5.0 (Android 16; Mobile; rv:157.0) Gecko/157.0 Firefox/157.0",
    chrome(LINUX, 154),
    safari(iphone("17_7_2"), "17.6", "Mobile/15E148 "),
    chrome("Linux; Android 14; SM-S921B", 152, mobile="Mobile "),
    firefox(LINUX, 157),
    chrome(MACOS, 153),
    safari("iPad; CPU OS 18_7 like Mac OS X", "26.4", "Mobile/15E148 "),
    chrome(WINDOWS, 152, " OPR/128.0.0.0"),
    firefox("Macintosh; Intel Mac OS X 10.15", 157),
    chrome("Linux; Android 13; Pixel 7", 151, mobile="Mobile "),
    chrome("Linux; Android 12; SM-T510", 150),
    firefox(WINDOWS, 140),
    safari(MACOS, "18.6"),
    chrome("Linux; Android 15; moto g84 5G", 154, mobile="Mobile "),
    chrome("X11; CrOS x86_64 14541.0.0", 153),
    chrome(WINDOWS, 109),
    firefox("X11; Ubuntu; Linux x86_64", 156),
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    r"Mozilla/5.0 (Linux; Android 11; \"Nova\" X2) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 "
    "(KHTML, like Gecko) SamsungBrowser/6.0 TV Safari/537.36",
)
FEED_READERS = (
    "FreshFeed/1.25.0 (Linux; https://feeds.example.org)",
    "NewsWeather/6.1 (RSS reader; +https://reader.example.net/)",
    "Café-Leser/2.3 (Übersicht; https://leser.example.org)",
    r"Lecteur-RSS/4.0 (\xC3\xA9dition mobile)",
    r"Reader for Desktop C:\\Feeds\\",
    "読書リーダー/1.8",
)
CRAWLERS = (
    "Mozilla/5.0 (compatible; SearchBot/2.1; +https://www.example.org/bot.html)",
    "Mozilla/5.0 (compatible; WebIndexer/2.0; +https://index.example.net/about)",
    chrome(
        "Linux; Android 6.0.1; Nexus 5X",
        154,
        " (compatible; SearchBot/2.1; +https://www.example.org/bot.html)",
        mobile="Mobile ",
    ),
    "Mozilla/5.0 (compatible; LinkGraphBot/7.0; +https://links.example.net/robot/)",
    "Mozilla/5.0 (compatible; SeoSpider/4; +http://seo.example.com/bot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; CorpusBot/1.2; "
    "+https://corpus.example.org/bot)",
    "PreviewFetcher/1.1 (+https://social.example.net/preview)",
    "archive_crawler/3.4.0 (+https://archive.example.org/details/crawler)",
    r"PriceWatch/0.9 (\"compare & save\"; +https://prices.example.com/)",
    "CCFetch/2.0 (https://commons.example.org/faq/)",
)
APPS = (
    "ShopApp/5.12.0 (iPhone17,1; iOS 26.4) Alamofire/5.10",
    "ShopApp/5.12.0 (Android 16; Pixel 9) okhttp/5.1.0",
    "ShopApp/5.11.2 (Android 14; SM-A546B) okhttp/5.1.0",
    "ShopApp/5.12.0 (iPhone16,2; iOS 26.4) Alamofire/5.10",
    "ShopApp/5.9.1 (iPad14,3; iPadOS 18.7) Alamofire/5.9",
)
PARTNERS = (
    "python-requests/2.32.5",
    "Go-http-client/2.0",
    "curl/8.17.0",
    "Apache-HttpClient/5.5 (Java/21.0.9)",
    "axios/1.13.2",
    r"ErpSync/3.2 \"Lager Süd\"",
    "curl/7.88.1",
)
SCANNERS = (
    None,
    "python-requests/2.28.1",
    "Go-http-client/1.1",
    "Mozilla/5.0 (compatible; OpenPortCensus/1.0; +https://census.example.net/)",
    "curl/7.61.1",
    "Mozilla/5.0",
)
PROBE = "UptimeProbe/3.2 (+https://status.example.net/)"


# The site ------------------------------------------------------------------

CATEGORIES = ("socks", "knitwear", "jackets", "boots", "hats", "bags", "gifts", "sale")
MATERIALS = ("merino", "alpaca", "cotton", "linen", "waxed", "recycled", "felted")
KINDS = ("crew", "ribbed", "striped", "classic", "winter")
SEARCHES = (
    "wool+socks", "black+friday", "gift+card", "rain%20jacket", "boots+size+44",
    "caf%C3%A9+mug", "merino", "return+policy", "xl", r"\"merino+crew\"", "50%25+off",
    "socks%26sandals", "schal+gr%C3%BCn",
)  # fmt: skip
POSTS = (
    "how-we-dye-wool", "black-friday-opening-hours", "darning-a-sock", "boot-care",
    "meet-the-weavers", "why-we-left-plastic", "a-guide-to-merino", "packing-light",
    "the-year-in-numbers", "repair-day", "moth-season", "caring-for-linen",
    "new-warehouse", "shipping-to-islands", "knitting-with-kids", "what-is-alpaca",
)  # fmt: skip

PRODUCTS = [
    (f"/shop/{category}/{material}-{kind}", 1000 + 7 * number)
    for number, (category, material, kind) in enumerate(
        (category, material, kind)
        for category in CATEGORIES
        for material in MATERIALS
        for kind in KINDS
    )
]
rng.shuffle(PRODUCTS)

products = Zipf(PRODUCTS)
categories = Zipf(CATEGORIES)
searches = Zipf(SEARCHES)
posts = Zipf([f"/blog/2026/{11 - i // 2:02}/{post}" for i, post in enumerate(POSTS)])

# What every page loads, with its size.
SHELL = (
    (f"/assets/app-{digest('app.css')}.css", 41_902),
    (f"/assets/vendor-{digest('vendor.js')}.js", 138_415),
    (f"/assets/app-{digest('app.js')}.js", 67_230),
    ("/fonts/inter-var.woff2", 48_256),
    ("/img/logo.svg", 2_217),
    ("/favicon.ico", 1_150),
)
PROBED = (
    "/wp-login.php", "/.env", "/xmlrpc.php", "/.git/config", "/phpmyadmin/",
    "/wp-admin/setup-config.php?step=1", "/admin.php", "/backup.zip", "/config.json",
    "/cgi-bin/luci/;stok=/locale", "/vendor/phpunit/phpunit/phpunit.xml",
    "/server-status", "/actuator/health", "/?author=1", "//wp-includes/wlwmanifest.xml",
)  # fmt: skip
REFERERS = Zipf(
    (
        None,
        "https://www.example.org/",
        "https://search.example.org/?q=wool+socks",
        "https://social.example.net/",
        "https://news.example.net/style/2026/11/the-best-winter-socks",
        r"https://search.example.org/?q=\"merino+crew\"",
        "https://mail.example.com/",
        "https://forum.example.org/t/boots-for-wide-feet/4182?page=3",
        "android-app://com.example.reader/",
    ),
    flatness=0,
)
CAMPAIGNS = (
    "utm_source=newsletter&utm_medium=email&utm_campaign=black-friday",
    "utm_source=social&utm_campaign=winter",
    "ref=forum",
)


def search_target() -> str:
    page = f"&page={rng.randrange(2, 5)}" if chance(0.2) else ""
    return f"/search?q={searches.draw()}{page}"


def category_target() -> str:
    query = rng.choice(
        ("", "", "?page=2", "?page=3", "?sort=price", "?sort=new&page=2")
    )
    return f"/shop/{categories.draw()}{query}"


def page_target() -> str:
    makers = (
        lambda: "/",
        category_target,
        lambda: products.draw()[0],
        search_target,
        posts.draw,
    )
    return rng.choices(makers, weights=(20, 22, 36, 8, 14))[0]()


# Log lines -----------------------------------------------------------------


@dataclass(frozen=True)
class Client:
    address: str
    agent: str | None
    version: str
    user: str | None


@dataclass(frozen=True)
class Hit:
    second: int
    client: Client
    request: str
    status: int
    size: int | None
    referer: str | None = None

    def line(self) -> str:
        minutes, second = divmod(self.second, 60)
        hour, minute = divmod(minutes, 60)
        size = "-" if self.size is None else self.size
        return (
            f"{self.client.address} - {self.client.user or '-'} "
            f"[{DATE}:{hour:02}:{minute:02}:{second:02} +0000] "
            f'"{self.request}" {self.status} {size} '
            f'"{self.referer or "-"}" "{self.client.agent or "-"}"'
        )


@dataclass
class Visit:
    """One client's stay on the site; its clock advances from hit to hit."""

    client: Client
    second: int
    first: bool
    hits: list[Hit] = field(default_factory=list)

    def wait(self, low: int, high: int) -> None:
        self.second += rng.randrange(low, high)

    def hit(
        self,
        method: str,
        target: str,
        status: int,
        size: int,
        referer: str | None = None,
    ) -> int:
        bodyless = method == "HEAD" or status in (204, 304)
        request = f"{method} {target} HTTP/{self.client.version}"
        self.hits.append(
            Hit(
                self.second,
                self.client,
                request,
                status,
                None if bodyless else size,
                referer,
            )
        )
        return status

    def dynamic(
        self,
        method: str,
        target: str,
        referer: str | None = None,
        status: int = 200,
        sizes: tuple[int, int] = (9_000, 60_000),
    ) -> int:
        """A hit that the back end answers, and therefore may fail to."""
        if self.second in OUTAGE and chance(0.6):
            return self.hit(method, target, 502, 552, referer)
        if chance(0.004):
            return self.hit(method, target, 500, 1_180, referer)
        if chance(0.005):
            return self.hit(method, target, 499, 0, referer)
        if status in (301, 302):
            return self.hit(method, target, status, 162, referer)
        size = steady(target, *sizes) + rng.randrange(200)
        return self.hit(method, target, status, size, referer)

    def static(self, target: str, size: int, referer: str) -> None:
        unchanged = not self.first and chance(0.7)
        self.hit("GET", target, 304 if unchanged else 200, size, referer)

    def page(self, target: str, referer: str | None) -> str:
        """A page with what a browser loads for it; returns the next referer."""
        here = SITE + target
        status = self.dynamic("GET", target, referer)
        if status != 200:
            return here
        if referer is None or not referer.startswith(SITE):
            self.wait(0, 2)
            for asset, size in SHELL:
                if self.first or chance(0.25):
                    self.static(asset, size, here)
        for _ in range(rng.randrange(3)):
            _, number = products.draw()
            image = f"/img/products/{number}/thumb.webp"
            self.static(image, steady(image, 4_000, 38_000), here)
        return here


def browse(visit: Visit) -> None:
    target = page_target()
    if chance(0.1):
        target += ("&" if "?" in target else "?") + rng.choice(CAMPAIGNS)
    here = visit.page(target, REFERERS.draw())
    while chance(0.68):
        visit.wait(4, 90)
        here = visit.page(page_target(), here)
        _, number = products.draw()
        if chance(0.25):
            target = f"/api/v1/recommendations?product={number}&limit=4"
            visit.dynamic("GET", target, here, sizes=(700, 2_600))
        if chance(0.16):
            visit.wait(2, 20)
            visit.dynamic("POST", "/cart/items", here, 302)
            here = visit.page("/cart", here)
        if chance(0.02):
            visit.hit("GET", "/media/lookbook-winter.mp4", 206, 1_048_576, here)
            visit.wait(1, 4)
            visit.hit("GET", "/media/lookbook-winter.mp4", 206, 387_204, here)
        if chance(0.03):
            visit.hit("GET", f"/shop/gifts/{rng.randrange(90)}", 404, 4_310, here)
    if here.endswith("/cart") and chance(0.5):
        visit.wait(5, 40)
        here = visit.page("/checkout", here)
        visit.wait(30, 200)
        order = rng.randrange(480_000, 490_000)
        visit.dynamic("POST", "/checkout", here, 302)
        visit.page(f"/account/orders/{order}?thanks=1", here)


def read_feed(visit: Visit) -> None:
    if visit.first or chance(0.3):
        visit.dynamic("GET", "/blog/feed.xml", sizes=(30_000, 30_001))
    else:
        visit.hit("GET", "/blog/feed.xml", 304, 0)


def crawl(visit: Visit) -> None:
    if chance(0.4):
        visit.hit("GET", "/robots.txt", 200, 214)
    for _ in range(rng.randrange(2, 14)):
        visit.wait(1, 30)
        if chance(0.08):
            visit.dynamic("GET", f"/products/{rng.randrange(1000, 2960)}", status=301)
        elif chance(0.06):
            visit.hit("GET", f"/blog/2019/{rng.randrange(1, 13):02}/", 404, 4_310)
        elif chance(0.04):
            visit.hit("HEAD", page_target(), 200, 0)
        else:
            visit.dynamic("GET", page_target())


def use_app(visit: Visit) -> None:
    cart = f"/api/v1/carts/{digest(visit.client.address)}"
    small = (180, 3_200)
    if chance(0.15):
        visit.hit("OPTIONS", cart, 204, 0, SITE + "/")
    visit.dynamic("GET", "/api/v1/session", sizes=small)
    for _ in range(rng.randrange(1, 9)):
        visit.wait(1, 25)
        _, number = products.draw()
        draw = rng.random()
        if draw < 0.52:
            visit.dynamic("GET", f"/api/v1/products/{number}", sizes=small)
        elif draw < 0.70:
            offset = 20 * rng.randrange(6)
            target = f"/api/v1/products?limit=20&offset={offset}"
            visit.dynamic("GET", target, sizes=(6_000, 18_000))
        elif draw < 0.84:
            visit.dynamic("POST", f"{cart}/items", status=201, sizes=small)
        elif draw < 0.92:
            visit.dynamic("PUT", f"{cart}/items/{number}", sizes=small)
        elif draw < 0.98:
            visit.dynamic("DELETE", f"{cart}/items/{number}", status=204)
        else:
            visit.hit("GET", f"/api/v1/products/{number}/reviews/new", 405, 64)


def synchronise(visit: Visit) -> None:
    if chance(0.05):
        visit.hit("GET", "/api/v1/orders?status=open", 429, 92)
        return
    visit.dynamic("GET", "/api/v1/orders?status=open&limit=100", sizes=(900, 40_000))
    for _ in range(rng.randrange(1, 6)):
        visit.wait(0, 3)
        order = f"/api/v1/orders/{rng.randrange(480_000, 490_000)}"
        if chance(0.7):
            visit.dynamic("GET", order, sizes=(600, 3_000))
        else:
            visit.dynamic("PUT", f"{order}/shipment", sizes=(80, 200))


def administer(visit: Visit) -> None:
    here = f"{SITE}/admin/"
    for section in rng.sample(("orders", "stock", "reports/daily", "blog/drafts"), 2):
        visit.wait(3, 120)
        visit.dynamic("GET", f"/admin/{section}", here)


def scan(visit: Visit) -> None:
    for target in rng.sample(PROBED, rng.randrange(2, 9)):
        visit.wait(0, 2)
        forbidden = target.startswith(("/.git", "/server"))
        method = "POST" if target == "/xmlrpc.php" else "GET"
        visit.hit(method, target, 403 if forbidden else 404, 146 if forbidden else 548)


# The day -------------------------------------------------------------------


def ipv6_addresses():
    """An endless run of distinct addresses, some with zeros to compress away."""
    used = set()
    while True:
        host = rng.randrange(1, 0x200) if chance(0.4) else rng.getrandbits(64)
        subnet = 0 if chance(0.3) else rng.getrandbits(32)
        address = (0x2001_0DB8 << 96) | (subnet << 64) | host
        if address not in used:
            used.add(address)
            yield str(IPv6Address(address))


def ipv4_addresses():
    networks = ("192.0.2", "198.51.100", "203.0.113")
    addresses = [f"{network}.{host}" for network in networks for host in range(2, 255)]
    rng.shuffle(addresses)
    yield from addresses


ipv4 = ipv4_addresses()
ipv6 = ipv6_addresses()


def population(
    count: int,
    agents: Sequence[str | None],
    versions: Sequence[str],
    users: Sequence[str | None] = (None,),
) -> Zipf:
    """The clients of one kind, the busiest first."""
    agents_by_use = Zipf(agents)
    clients = []
    for rank in range(count):
        # Whatever their number, each agent turns up at least once.
        agent = agents[rank] if rank < len(agents) else agents_by_use.draw()
        address = next(ipv6 if rank % 5 == 2 else ipv4)
        user = users[rank % len(users)]
        clients.append(Client(address, agent, rng.choice(versions), user))
    return Zipf(clients, flatness=4)


BROWSER_VERSIONS = ("2.0",) * 9 + ("1.1",)
STAFF = ("maria", "ops", "Jane Doe")
PARTNER_NAMES = ("acme-erp", "lager_sued", "fulfil@example.net", None)

# Each kind of visit: its share of all visits, its clients and what they do.
BEHAVIOURS: tuple[tuple[int, Zipf, Callable[[Visit], None]], ...] = (
    (600, population(620, BROWSERS, BROWSER_VERSIONS), browse),
    (60, population(40, FEED_READERS, ("1.1", "2.0")), read_feed),
    (80, population(36, CRAWLERS, ("1.1", "1.1", "2.0")), crawl),
    (170, population(150, APPS, ("2.0",)), use_app),
    (60, population(12, PARTNERS, ("1.1", "2.0"), PARTNER_NAMES), synchronise),
    (12, population(4, BROWSERS[:4], ("2.0",), STAFF), administer),
    (22, population(30, SCANNERS, ("1.1", "1.1", "1.0")), scan),
)
MONITOR = Client("192.0.2.1", PROBE, "1.0", None)


def monitoring() -> list[Hit]:
    return [
        Hit(second, MONITOR, "HEAD /healthz HTTP/1.0", 200, None)
        for second in range(17, DAY, 300)
    ]


def visit_starts() -> list[int]:
    hours = rng.choices(range(24), weights=HOURLY_RATE, k=VISITS)
    return sorted(hour * 3600 + rng.randrange(3600) for hour in hours)


def traffic(count: int) -> list[Hit]:
    """Exactly `count` hits of one day, in the order of their times."""
    hits = monitoring()
    shares = [share for share, _, _ in BEHAVIOURS]
    seen = set()
    for start in visit_starts():
        [(_, clients, behave)] = rng.choices(BEHAVIOURS, weights=shares)
        client = clients.draw()
        visit = Visit(client, start, first=client not in seen)
        seen.add(client)
        behave(visit)
        hits += (hit for hit in visit.hits if hit.second < DAY)
    if len(hits) < count:
        raise SystemExit(f"only {len(hits)} hits; raise VISITS")
    kept = sorted(rng.sample(range(len(hits)), count))
    return sorted((hits[index] for index in kept), key=lambda hit: hit.second)


# Malformed lines -----------------------------------------------------------


def tls_handshake(hit: Hit) -> str:
    noise = "".join(rf"\x{rng.randrange(128, 256):02X}" for _ in range(24))
    hello = rf"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03{noise}"
    client = Client(hit.client.address, None, "1.1", None)
    return Hit(hit.second, client, hello, 400, 157).line()


def silent_connection(hit: Hit) -> str:
    client = Client(hit.client.address, None, "1.1", None)
    return Hit(hit.second, client, "-", 408, 0).line()


def truncated(hit: Hit) -> str:
    line = hit.line()
    return line[: rng.randrange(5, len(line))]


def unclosed_quote(hit: Hit) -> str:
    line = hit.line()
    if chance(0.5):
        return line.removesuffix('"')
    return ' "'.join(line.rsplit('" "', maxsplit=1))


def empty(_: Hit) -> str:
    return ""


GARBAGE = cycle(
    (
        "-- MARK --",
        "*** log rotated, 0 lines lost ***",
        "2026/11/24 [warn] 812#812: 768 worker_connections are not enough",
        "\ufffd\ufffd\ufffd\ufffd\ufffd GET \ufffd\ufffd",
        "Speicher voll, Zeile übersprungen",
    )
)


def garbage(_: Hit) -> str:
    return next(GARBAGE)


MALFORMATIONS = [
    tls_handshake,
    silent_connection,
    truncated,
    unclosed_quote,
    empty,
    garbage,
]


def main() -> None:
    hits = traffic(LINES)
    lines = [hit.line() for hit in hits]
    malformations = MALFORMATIONS * MALFORMED_OF_EACH_KIND
    for index in rng.sample(range(LINES), len(malformations)):
        lines[index] = malformations.pop()(hits[index])
    OUTPUT.write_bytes("".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    main()
