import { get as fetchJson, isPassing, Problem, send } from './api.js';
import { button, el, table } from './dom.js';
import { confirm } from './confirm.js';
import { inCircuit } from './model-circuit.js';
import { t } from './messages.js';
import { problemLine } from './problem.js';
import { change } from './state.js';
import { createList, opener } from './stored-list.js';
import { facts, shapeWords, size, when } from './units.js';
import { short } from './values.js';

const reference = /^([a-z][a-z0-9_]*)(?::([1-9][0-9]{0,8})|@[a-z0-9_]+)?$/;
const betweenTries = 3000;

/** One model: what it takes, answers and keeps, and its versions. `changed` is told when a version was deleted or brought back. */
export function createModel({ changed }) {
  const title = el('h2', { id: 'model-title', tabindex: '-1', class: 'mono' });
  const refusal = el('div', { role: 'alert' });
  const about = el('div', { class: 'about' });
  const history = el('h3', {});
  const told = el('p', { class: 'unseen', role: 'status' });
  const versions = createList({ address: () => `/v1/models/${name()}/versions`, name: 'models', key: each => `${each.name}:${each.version} ${each.created_at}`, row: versionRow, empty: () => [],
    onLoad: retry });
  const rest = el('section', { class: 'versions' }, history, versions.box);
  const box = el('section', { class: 'opened', 'aria-labelledby': 'model-title', hidden: true }, title, refusal, about, rest, told);
  let asked = '';
  let shown = null;
  let turn = 0;
  let again;

  function name() {
    return reference.exec(asked)?.[1];
  }

  /** Opens what a reference means, such as `digits`, `digits:3` or `digits@prod`; nothing where it is empty. */
  async function open(text) {
    turn++;
    clearTimeout(again);
    asked = text;
    title.textContent = text;
    shown = null;
    versions.leave();
    refusal.replaceChildren();
    rest.hidden = true;
    about.replaceChildren(el('p', { class: 'muted', text: t('panel.waiting') }));
    if (text && name()) {
      await load(versions.begin());
    } else if (text) {
      about.replaceChildren(el('p', { class: 'refused', text: t('models.unknown', { model: text }) }));
    }
  }

  /** Asks for the model once more if the service did not answer, now that it tells its versions. */
  function retry(_, problem) {
    if (!problem && shown?.problem && isPassing(shown.problem)) {
      load();
    }
  }

  async function load(listed) {
    const mine = ++turn;
    clearTimeout(again);
    await listed;
    if (mine !== turn) {
      return;
    }
    let found;
    try {
      found = await find();
    } catch (problem) {
      if (!(problem instanceof Problem)) {
        throw problem;
      }
      found = { problem };
    }
    if (mine === turn) {
      shown = found;
      show();
      // Where the versions did not come either, their list asks for them again.
      if (found.problem && isPassing(found.problem) && !versions.problem()) {
        again = setTimeout(look, betweenTries);
      }
    }
  }

  function look() {
    if (document.hidden) {
      again = setTimeout(look, betweenTries);
    } else if (box.checkVisibility()) {
      load();
    }
  }

  /** The model and the aliases of its name; nothing where it is deleted. */
  async function find() {
    const meant = reference.exec(asked);
    if (versions.problem()) {
      throw versions.problem();
    }
    try {
      const [model, { aliases }] = await Promise.all([fetchJson(`/v1/models/${asked}`), fetchJson(`/v1/models/${name()}/aliases`)]);
      return { model, aliases };
    } catch (problem) {
      if (problem.code !== 'not-found' || !await isDeleted(meant)) {
        throw problem;
      }
      return {};
    }
  }

  async function isDeleted([, of, version]) {
    if (!version) {
      return versions.entries().length > 0 && versions.entries().every(each => each.deleted_at);
    }
    // The list shows the newest version only.
    const { models: [found] } = await fetchJson(`/v1/models/${of}/versions?after=${Number(version) + 1}&limit=1`);
    return found?.version === Number(version) && Boolean(found.deleted_at);
  }

  function show() {
    const { model, problem } = shown;
    title.textContent = model ? `${model.name}:${model.version}` : asked;
    about.replaceChildren(...(model ? describe(shown) : problem?.code === 'not-found' ? [problemLine(problem, t('models.unknown', { model: asked }))]
      : problem ? [problemLine(problem)] : [el('p', { text: t('models.deleted') }),
        el('div', { class: 'row' }, button(t('models.undelete'), () => undelete(asked), { class: 'primary', id: 'undelete' }))]));
    rest.hidden = Boolean(versions.problem());
    history.textContent = t('models.versions');
  }

  function describe({ model, aliases }) {
    const circuit = button(t('models.circuit'), async () => {
      const of = asked;
      const isOpen = () => asked === of && box.checkVisibility();
      try {
        const reason = await inCircuit(model, aliases.latest === model.version, isOpen);
        if (reason && isOpen()) {
          refusal.replaceChildren(el('p', { class: 'refused', text: reason }));
        }
      } catch (problem) {
        refuse(problem, of);
      }
    }, { class: 'primary', id: 'in-circuit' });
    const inputs = Object.entries(model.inputs);
    return [
      model.description ? el('p', { text: model.description }) : '',
      el('div', { class: 'row' }, circuit, button(t('models.deleteModel'), () => remove(model.name, t('models.deleteAll', { model: model.name })), { id: 'delete-model' })),
      facts([t('models.tags'), model.tags.flatMap(tag => [button(tag, () => change({ tag, prefix: '', deleted: false }), { class: 'small', title: t('models.byTag', { tag }) }), ' '])],
        [t('models.licence'), model.licence], [t('models.stored'), when(model.created_at)], [t('models.size'), size(model.bytes)],
        [t('models.aliases'), Object.entries(aliases).flatMap(([alias, version], i) => [i > 0 ? ', ' : '',
          el('span', {}, opener(alias, { model: `${model.name}@${alias}` }), ` → ${version}`)])],
        [t('models.calls'), model.calls.flatMap((each, i) => [i > 0 ? ', ' : '', opener(each, { model: each })])],
        [t('models.output'), model.output_shape ? shapeWords(model.output_shape) : ''],
        ['SHA-256', el('span', { class: 'mono', text: model.sha256 })]),
      inputs.length === 0 ? '' : table(t('models.inputs'), [t('models.name'), t('models.shape'), t('models.range'), t('models.text')],
        inputs.map(([input, { shape, range, text }]) => [input, shapeWords(shape), range ? range.map(end => short(end, 6)).join(' … ') : '–', text ?? '–'])),
      Object.keys(model.outputs).length === 0 ? '' : table(t('models.outputs'), [t('models.node'), t('models.text')], Object.entries(model.outputs)),
      Object.keys(model.kept).length === 0 ? '' : table(t('models.kept'), [t('models.name'), t('models.shape')],
        Object.entries(model.kept).map(([input, shape]) => [input, shapeWords(shape)])),
    ];
  }

  function versionRow({ name: of, version: number, created_at: created, bytes }) {
    const text = `${of}:${number}`;
    const removal = button(t('models.delete'), () => remove(text, t('models.deleteOne', { model: text })), { class: 'small', 'aria-label': t('models.deleteNamed', { model: text }) });
    const restore = button(t('models.undelete'), () => undelete(text), { class: 'small', 'aria-label': t('models.undeleteOne', { model: text }) });
    const note = el('p', { class: 'muted' });
    const row = el('li', { class: 'card' }, el('div', { class: 'row' }, opener(text, { model: text }, { class: 'mono' }), when(created), el('span', { class: 'muted', text: size(bytes) }), removal, restore), note);
    return {
      box: row,
      show(version) {
        removal.hidden = Boolean(version.deleted_at);
        restore.hidden = !version.deleted_at;
        note.replaceChildren(...(version.deleted_at ? [t('models.deletedAt'), ' ', when(version.deleted_at)] : [version.description ?? '']));
        row.classList.toggle('gone', Boolean(version.deleted_at));
      },
    };
  }

  /** Shows a problem, unless another model is open by now. */
  function refuse(problem, of) {
    if (!(problem instanceof Problem)) {
      throw problem;
    }
    if (asked === of) {
      refusal.replaceChildren(problemLine(problem));
    }
  }

  async function remove(what, question) {
    if (await confirm(question, t('models.deleteText'), t('models.delete'))) {
      await act(`/v1/models/${what}`, 'DELETE', t('models.wasDeleted', { model: what }));
    }
  }

  function undelete(what) {
    return act(`/v1/models/${what.split('@')[0]}/undelete`, 'POST', t('models.isBack', { model: what }));
  }

  async function act(path, method, done) {
    const of = asked;
    refusal.replaceChildren();
    try {
      await send(path, { method, headers: { Accept: 'application/json' } });
    } catch (problem) {
      refuse(problem, of);
      return;
    }
    changed();
    if (asked !== of) {
      return;
    }
    await load(versions.refresh());
    told.textContent = done;
    title.focus();
  }

  return {
    box,
    open,
    /** Asks for what is open once more. */
    async refresh() {
      if (asked && name()) {
        await load(versions.refresh());
      }
    },
    leave: versions.leave,
    focus: () => title.focus(),
    isOpen: () => asked,
    translate() {
      versions.translate();
      if (shown) {
        show();
      }
    },
  };
}
