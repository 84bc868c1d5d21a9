"""The map of one district, as one HTML file that opens on a closed network."""

from pathlib import Path

from markupsafe import Markup

from geo.errors import BadSettingError
from geo.model import DistrictResult
from geo.plans import Plan
from geo.proposals import Round
from layers.catalog import Catalog
from maps.editions import EDITION_NAMES, Edition, shown
from maps.english import Lang, data_in, markup_in, page_words, speaker
from maps.files import replacing
from maps.legend import head, legend
from maps.offline import Page, read_tiles, render
from maps.panel import panel
from maps.payload import lonlat_bounds, payload
from maps.plan_layer import check_plan, plan_payload
from maps.plan_panel import plan_switch, plan_tab
from maps.proposal_map import check_round, proposal_payload, proposal_tab


def district_map(
    result: DistrictResult,
    catalog: Catalog,
    *,
    edition: Edition = "internal",
    tiles: str | None = None,
    plan: Plan | None = None,
    proposals: Round | None = None,
    lang: Lang = "ko",
) -> str:
    """Return the map of a district: one complete HTML text that makes no network request.

    Parameters
    ----------
    result
        What ``geo.gaps`` found; geometry in EPSG:5179 metres, drawn in WGS84.
    catalog
        Names, markers, units and visibility of layers. A layer it does not know is drawn as a grey
        circle, and is not in the public edition.
    edition
        ``internal`` shows everything. ``public`` has no gaps, cells, cover, staff layers or patrol hours,
        households by dong only and none under 5: what is withheld is not in the text (domain: law and practice).
    plan
        New sites to draw, numbered, with the cover before and after. Not in the public edition.
    proposals
        A call whose proposals of this district are marked and listed. Not in the public edition.
    tiles
        None: no background and no request. ``osm``, or an address with {z}, {x}, {y}: the only thing the
        browser may then load.
    lang
        ``ko``, or ``en``: every word in English; names of places stay.

    Raises
    ------
    BadSettingError
        The edition is unknown, the plan is of another district, plan or proposals are for the public, or the tiles'
        address cannot be used.
    """
    if edition not in EDITION_NAMES:
        raise BadSettingError(f"모르는 판입니다: {edition!r}", f"{', '.join(EDITION_NAMES)} 중 하나")
    if plan is not None:
        if edition == "public":
            raise BadSettingError("공개용 지도에는 계획을 넣지 않습니다", "--edition internal로 만드십시오")
        check_plan(plan, result)
    if proposals is not None:
        check_round(proposals, edition)
    background = read_tiles(tiles) if tiles else None
    show = shown(result, catalog, edition)
    data = payload(result, catalog, show)
    if background:
        data["tiles"] = {"url": background.url, "attribution": background.attribution}
    if plan is not None:
        data["plan"] = plan_payload(plan, result, catalog)
    if proposals is not None:
        data["proposals"] = proposal_payload(proposals, result)
    tabs = [*([plan_tab(plan)] if plan else []), *([proposal_tab(proposals, result)] if proposals else [])]
    west, south, east, north = lonlat_bounds(result)
    say = speaker(catalog, lang)
    title = f"{result.source.name} {say('안심지도')} ({say(EDITION_NAMES[edition])})"
    page = Page(
        title=(f"[{say('가상 자료')}] " if result.source.made_up else "") + title,
        head=markup_in(say, head(result, show)),
        over=markup_in(say, legend(result, catalog, show) + (plan_switch(plan) if plan else Markup())),
        panel=markup_in(say, panel(result, catalog, show, first=tabs)),
        data=data_in(say, data) | page_words(lang),
        centre=((west + east) / 2, (south + north) / 2),
        tiles=background,
        lang=lang,
    )
    return render(page)


def write_district_map(
    result: DistrictResult,
    catalog: Catalog,
    path: Path,
    *,
    edition: Edition = "internal",
    tiles: str | None = None,
    plan: Plan | None = None,
    proposals: Round | None = None,
    lang: Lang = "ko",
) -> None:
    """Write :func:`district_map` to a file, UTF-8, replacing it whole.

    Raises
    ------
    OutputError
        The file cannot be written; one that was there stays as it was.
    BadSettingError
        As :func:`district_map`.
    """
    html = district_map(result, catalog, edition=edition, tiles=tiles, plan=plan, proposals=proposals, lang=lang)
    with replacing(path) as beside:
        beside.write_bytes(html.encode("utf-8"))
