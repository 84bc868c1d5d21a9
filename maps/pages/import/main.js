import { start } from '../lib/shell.js';

await start({ id: 'import' });
