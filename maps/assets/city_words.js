// What the overview of a city says, in both languages. Names of districts, needs and layers come from the data.
const CITY_WORDS = {
  ko: {
    'title': '{name} 안심지도', 'count': '{n}개 구', 'count-one': '{n}개 구', 'internal': '내부용', 'public': '공개용', 'made-up': '가상 자료 — 실제 지역·시설이 아닙니다',
    'no-data': '자료 없음', 'partial': '일부 자료', 'loaded': '있음', 'about': '약 {n}', 'dates': '자료 기준일 {d}', 'at': '분석 시각 {d}',
    'no-date': '기준일 모름', 'print': '인쇄', 'xlsx': '표 (엑셀)', 'csv': '표 (CSV)', 'other-language': 'English',
    'ranked-on': '순위는 모든 구에 자료가 있는 항목({needs})만으로 매깁니다.', 'left-out': '{needs}: 자료가 없거나 일부뿐인 구가 있어 순위에서 뺐습니다.',
    'nowhere': '{needs}: 어느 구에도 자료가 없어 비교하지 않습니다.',
    'alone': '구가 하나뿐이어서 순위가 없습니다. 다른 구의 자료도 가져오면 비교합니다.', 'in-part': '{needs}: 자료가 일부뿐이어서 판단에서 뺐습니다.', 'not-loaded': '자료 없음: {needs}',
    'nothing-common': '모든 구에 자료가 있는 항목이 없어 종합 순위를 매기지 않습니다.',
    'measure': '비교할 것', 'measure-one': '볼 것', 'figures-one': '구의 수치', 'map': '구별 지도', 'ranking': '구별 순서', 'rank': '순위', 'district': '구', 'value': '값',
    'low': '낮은 순', 'high': '높은 순', 'worst-low': '낮은 곳이 1위입니다.', 'worst-high': '높은 곳이 1위입니다.',
    'why-missing': '{n}개 구에 자료가 없어 순위를 매기지 않습니다. 값은 자료가 있는 구만 보입니다.',
    'why-both': '{n}개 구에 자료가 없고 {p}개 구는 일부뿐이어서 순위를 매기지 않습니다.',
    'why-partial': '{n}개 구의 자료가 일부뿐이어서 순위를 매기지 않습니다.',
    'why-needs': '구마다 자료가 있는 항목이 달라 서로 견줄 수 없으므로 순위를 매기지 않습니다. 본 항목은 아래 표에 있습니다.',
    'why-neutral': '자료를 얼마나 불러왔는지이며 순위가 아닙니다.',
    'resting-on': '본 항목: {needs}', 'one-value': '값이 하나뿐이라 단계가 없습니다: {v} {unit}', 'equal-classes': '비슷한 수의 구씩 나눔', 'pale-worse': '옅을수록 부족', 'unit-count': '가구', 'unit-share': '%', 'unit-rate': '1,000가구당',
    'unit-density': '가구/km²', 'unit-states': '개 항목', 'unit-areas': '곳', 'legend': '범례', 'partial-mark': '일부 자료 (점)', 'none-mark': '자료 없음 (빗금)',
    'pick': '지도나 목록에서 구를 고르면 그 구의 수치가 여기에 나옵니다.', 'open-map': '구 지도 열기', 'open-plan': '계획 쪽 열기', 'households': '1인가구',
    'n-households': '{n}가구', 'area': '면적', 'judged': '본 항목', 'nothing-judged': '없음 (판단하지 않음)', 'states': '자료 상태', 'estimated': '동 단위 추정',
    'not-analysed': '분석하지 못함: {why}', 'table': '모든 구의 표', 'table-hint': '제목을 누르면 정렬하고, 옆으로 밀면 항목이 더 있습니다.',
    'programmes': '사업의 목표·실적·예산', 'no-programmes': '이 지역의 사업 자료가 없습니다.',
    'programmes-note': '단위가 바뀐 해는 한 그림에 잇지 않고 따로 그립니다. 발표되지 않은 값은 비워 두며 0이 아닙니다.',
    'target': '목표', 'result': '실적', 'budget': '예산', 'spent': '집행', 'money': '예산과 집행 (백만원)', 'mkrw': '백만원', 'year': '연도', 'what': '지표',
    'target-result': '목표와 실적 ({unit})', 'held': '지금 있는 것의 설치연도 ({unit})', 'held-known': '설치연도를 아는 것 {known} / {total}{unit}, 모르는 것 {unknown}{unit}',
    'held-none': '불러온 {total}{unit} 모두 설치연도를 모릅니다.', 'held-absent': '이 사업의 시설 자료가 없습니다.',
    'unpublished': '발표 없음', 'figures': '수치 표', 'sources': '출처: {s}', 'installed': '설치', 'only-year': '{unit} 단위로는 {years}년 값만 있습니다.',
    'notes': '읽는 법', 'note-score': '도달률은 거리와 가중치의 사전 가정에 따른 점수이며, 범죄가 줄어드는 정도가 아닙니다.',
    'note-zero': '빗금은 자료가 없다는 뜻이며 0이 아닙니다.', 'note-estimate': '동 단위 추정인 구({n}곳)의 미도달 가구는 동 합계를 면적으로 나눈 어림값(십 단위)입니다.',
    'note-public': '공개용에는 도달률과 틈새가 없습니다. 동 가구 수가 {n} 미만인 {w}개 동은 합계에서 뺐습니다.', 'note-public-none': '공개용에는 도달률과 틈새가 없습니다.',
    'note-rate': '시설 수는 구 안에 있는 것만 셉니다.', 'date-span': '{a} ~ {b}', 'oldest': '가장 오래된 기준일', 'newest': '가장 새로운 기준일', 'empty': '견줄 구가 없습니다. 행정동 경계부터 가져오십시오.',
    'chart-desc': '{title}. {rows}',
  },
  en: {
    'title': '{name} Ansim Map', 'count': '{n} districts', 'count-one': '{n} district', 'internal': 'Internal', 'public': 'Public', 'made-up': 'Made-up data: no real place or facility',
    'no-data': 'no data', 'partial': 'partial data', 'loaded': 'loaded', 'about': 'about {n}', 'dates': 'Data of {d}', 'at': 'Analysed for {d}',
    'no-date': 'no date', 'print': 'Print', 'xlsx': 'Table (Excel)', 'csv': 'Table (CSV)', 'other-language': '한국어',
    'ranked-on': 'Ranked only on needs with data in every district ({needs}).', 'left-out': '{needs}: no data, or only part, in some district, so left out of the ranking.',
    'nowhere': '{needs}: no data in any district, so not compared.',
    'alone': 'With one district there is no ranking. Import others to compare them.', 'in-part': '{needs}: only part of the data, so left out of the score.', 'not-loaded': 'No data: {needs}',
    'nothing-common': 'No need has data in every district, so there is no combined ranking.',
    'measure': 'Compare by', 'measure-one': 'Show', 'figures-one': 'Figures of the district', 'map': 'Districts on a map', 'ranking': 'Districts in order', 'rank': 'Rank', 'district': 'District', 'value': 'Value',
    'low': 'lowest first', 'high': 'highest first', 'worst-low': 'The lowest is number 1.', 'worst-high': 'The highest is number 1.',
    'why-missing': 'Not ranked: no data in {n} of {of} districts. Values are shown where there are data.',
    'why-both': 'Not ranked: no data in {n} of {of} districts, only part in {p}.',
    'why-partial': 'Not ranked: only part of the data in {n} of {of} districts.',
    'why-needs': 'Not ranked: districts are scored on different needs and cannot be set side by side. The table below lists them.',
    'why-neutral': 'How much data is loaded: not a ranking.',
    'resting-on': 'Rests on: {needs}', 'one-value': 'One value only, so no classes: {v} {unit}', 'equal-classes': 'classes of about equally many districts', 'pale-worse': 'paler is less', 'unit-count': 'households', 'unit-share': '%', 'unit-rate': 'per 1,000 households',
    'unit-density': 'households/km²', 'unit-states': 'needs', 'unit-areas': '', 'legend': 'Legend', 'partial-mark': 'partial data (dots)', 'none-mark': 'no data (hatched)',
    'pick': 'Choose a district on the map or in the list: its figures appear here.', 'open-map': 'Open its map', 'open-plan': 'Open its plan', 'households': 'Single-person households',
    'n-households': '{n} households', 'area': 'Area', 'judged': 'Scored on', 'nothing-judged': 'nothing (not judged)', 'states': 'Data', 'estimated': 'estimated by dong',
    'not-analysed': 'Could not be analysed: {why}', 'table': 'All districts', 'table-hint': 'Press a heading to sort; slide sideways for more columns.',
    'programmes': 'Programmes: target, result, money', 'no-programmes': 'Nothing is known of programmes here.',
    'programmes-note': 'Years with another unit are drawn apart, never joined. What was not published is left empty; it is not zero.',
    'target': 'target', 'result': 'result', 'budget': 'budget', 'spent': 'spent', 'money': 'Budget and spending (million KRW)', 'mkrw': 'million KRW', 'year': 'Year', 'what': 'Indicator',
    'target-result': 'Target and result ({unit})', 'held': 'Year of installation of what stands now ({unit})', 'held-known': 'Year known for {known} of {total} {unit}, unknown for {unknown}',
    'held-none': 'The year of installation of all {total} {unit} loaded is unknown.', 'held-absent': 'No facilities of this programme are loaded.',
    'unpublished': 'not published', 'figures': 'Figures', 'sources': 'Sources: {s}', 'installed': 'installed', 'only-year': 'Counted in {unit} in {years} only.',
    'notes': 'How to read this', 'note-score': 'The share covered is a score from assumed distances and weights; it is no measure of crime.',
    'note-zero': 'Hatching means no data; it is not zero.', 'note-estimate': 'In {n} of {of} districts households are known by dong only: those not covered are estimates, to tens.',
    'note-public': 'The public edition has no cover and no gaps. {w} dong with under {n} households are left out of the sums.', 'note-public-none': 'The public edition has no cover and no gaps.',
    'note-rate': 'Only facilities inside a district are counted.', 'date-span': '{a} to {b}', 'oldest': 'Oldest date', 'newest': 'Newest date', 'empty': 'There is no district to compare. Import boundaries first.',
    'chart-desc': '{title}. {rows}',
  },
};

// '2025-06-30' -> '2025. 6. 30.', '2022-12' -> '2022. 12.', '2022' -> '2022년'; as it is in English. As geo/dates.py has it.
function cityDay(iso, lang) {
  if (lang === 'en' || !/^\d{4}(-\d\d){0,2}$/.test(iso)) return iso;
  return iso.length === 4 ? `${iso}년` : iso.split('-').map(part => `${Number(part)}.`).join(' ');
}

function cityText(lang) {
  const book = CITY_WORDS[lang] || CITY_WORDS.ko;
  return (key, values) => (book[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => (values && name in values ? String(values[name]) : all));
}
