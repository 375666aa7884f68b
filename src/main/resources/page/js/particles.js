/** Korean particles, written `을(를)` in messages, agree with the sound that ends the word before them. */
const pairs = { '을(를)': ['을', '를'], '이(가)': ['이', '가'], '은(는)': ['은', '는'], '과(와)': ['과', '와'], '으로(로)': ['으로', '로'] };
// The digits 0, 1, 3, 6, 7, 8 are read with a final consonant (영, 일, 삼, 육, 칠, 팔), and so are the letters L, M, N and R.
const closed = '013678lmnrLMNR';
const closedByRieul = '178lrLR';
const pattern = /(\S)(['"’”)\]]*)(을\(를\)|이\(가\)|은\(는\)|과\(와\)|으로\(로\))/g;

export function withParticles(text) {
  return text.replace(pattern, (whole, letter, quotes, pair) => {
    const [afterConsonant, afterVowel] = pairs[pair];
    const endsOpen = pair === '으로(로)' ? isOpen(letter) || isRieul(letter) : isOpen(letter);
    return letter + quotes + (endsOpen ? afterVowel : afterConsonant);
  });
}

function final(letter) {
  const code = letter.charCodeAt(0) - 0xAC00;
  return code >= 0 && code <= 0xD7A3 - 0xAC00 ? code % 28 : null;
}

function isOpen(letter) {
  const consonant = final(letter);
  return consonant === null ? !closed.includes(letter) : consonant === 0;
}

function isRieul(letter) {
  const consonant = final(letter);
  return consonant === null ? closedByRieul.includes(letter) : consonant === 8;
}
