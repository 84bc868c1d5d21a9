export default {
  'city.working': '{of}개 구 가운데 {done}개를 분석했습니다',
  'city.starting': '자치구를 살펴보고 있습니다',
  'city.once': '자료가 바뀐 뒤 처음 한 번만 계산합니다. 아무도 보지 않으면 쉬었다가 이어서 합니다.',
  'city.print': '인쇄',
  'city.xlsx': '표 (엑셀)',
  'city.csv': '표 (CSV)',
  'city.file': '{name} 안심지도',
};
