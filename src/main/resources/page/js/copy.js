import { button } from './dom.js';
import { t } from './messages.js';

/** A button that copies text, and says that it has. */
export function copyButton(text, label = t('copy')) {
  const copy = button(label, async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = `✓ ${t('copied')}`;
    } catch {
      copy.textContent = t('copy.refused');
    }
    setTimeout(() => copy.textContent = label, 1500);
  }, { class: 'small copy' });
  return copy;
}
