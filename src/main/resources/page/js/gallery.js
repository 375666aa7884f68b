import { el } from './dom.js';
import { has, t } from './messages.js';
import { change } from './state.js';

const address = new URL('../gallery.json', import.meta.url);
let groups = [];

export async function loadGallery() {
  groups = await (await fetch(address)).json();
}

export function example(name) {
  return groups.flatMap(group => group.examples).find(each => each.name === name);
}

/** The program of an example; of the first where none has that name. */
export function programOf(name) {
  const { name: chosen, expression, inputs, cotangent = null, backward = '' } = example(name) ?? groups[0].examples[0];
  return { example: chosen, expression, inputs, cotangent, backward, gates: 'as_written', quiz: false };
}

/** Puts an example into the page. */
export function choose(name) {
  change(programOf(name));
}

export function createGallery() {
  const select = el('select', { id: 'gallery', on: { change: () => select.value && choose(select.value) } });
  return {
    select,
    refresh(chosen) {
      select.replaceChildren(
        el('option', { value: '', text: t('gallery.own'), hidden: true }),
        ...groups.map(group => el('optgroup', { label: t(`gallery.${group.name}`) },
          group.examples.map(each => el('option', { value: each.name, text: has(`example.${each.name}`) ? t(`example.${each.name}`) : each.name })))));
      select.value = chosen;
    },
  };
}
