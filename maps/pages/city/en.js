export default {
  'city.working': '{done} of {of} districts analysed',
  'city.starting': 'Looking at the districts',
  'city.once': 'Worked out once after the data change. It rests while nobody looks, and goes on from there.',
  'city.print': 'Print',
  'city.xlsx': 'Table (Excel)',
  'city.csv': 'Table (CSV)',
  'city.file': '{name} Ansim Map',
};
