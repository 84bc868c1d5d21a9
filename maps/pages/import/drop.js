// Files out of what was dropped or chosen: single ones, several, folders with all that is in them.

// All files of a drop, as [{ file, name }]; folders are walked through.
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) return named([...transfer.files].map(file => ({ file, folder: '' })));
  const found = [];
  for (const entry of entries) await walk(entry, '', found);
  return named(found);
}

export const chosenFiles = list => named([...list].map(file =>
  ({ file, folder: (file.webkitRelativePath || '').split('/').slice(0, -1).join('/') })));

async function walk(entry, folder, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), folder });
    return;
  }
  const reader = entry.createReader();
  for (;;) {  // a reader gives a hundred at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await walk(one, folder ? `${folder}/${entry.name}` : entry.name, found);
  }
}

// The service goes by names without folders. Where two would be the same, all files of the later folder get its name in
// front: the parts of a shapefile stay together.
function named(found) {
  const seen = found.filter(({ file }) => !file.name.startsWith('.') && file.name !== 'Thumbs.db' && file.name !== 'desktop.ini');
  const owner = new Map(), clashing = new Set();
  for (const { file, folder } of seen) {
    const other = owner.get(file.name);
    if (other !== undefined && other !== folder) clashing.add(folder);
    else owner.set(file.name, folder);
  }
  return seen.map(({ file, folder }) =>
    ({ file, name: clashing.has(folder) ? `${folder.replaceAll('/', '_')}_${file.name}` : file.name }));
}
