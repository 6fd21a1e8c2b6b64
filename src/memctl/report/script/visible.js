// Remembered text may hold anything. What would not be seen, or would change how the text around it
// is shown, is shown as its number.

const kUnseen = new RegExp(
  "\\r(?!\\n)|[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u200b" +
    "\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]",
  "gu",
);

function visible(text) {
  return text.replace(kUnseen, (sign) => {
    const number = sign.codePointAt(0).toString(16).toUpperCase();
    return `[U+${number.padStart(4, "0")}]`;
  });
}

/** On one line, as the list shows it. */
function oneLine(text) {
  return visible(text.replace(/\s+/g, " ").trim());
}
