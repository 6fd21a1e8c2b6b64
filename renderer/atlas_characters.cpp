#include "renderer/atlas_characters.h"

#include <span>
#include <string_view>

namespace fovea {
namespace {

struct Range {
  char32_t first, last;
};

constexpr Range kRanges[] = {
    {0x21, 0x7E},      // ASCII
    {0xA0, 0xFF},      // Latin-1
    {0x100, 0x17E},    // Latin Extended-A
    {0x384, 0x3CE},    // Greek
    {0x400, 0x45F},    // Cyrillic
    {0x2500, 0x257F},  // box drawing
    {0x2580, 0x259F},  // block elements
};

constexpr std::u32string_view kNarrow =
    U"ƒȘșȚțҐґ"
    // spaces, dashes, quotes, marks
    U"\u200B\u202F\u2060\uFEFF\uFFFD‐‑–—‖‘’‚‛“”„†‡•‣…‰′″‴‹›‼‽"
    // superscripts, subscripts, fractions, currency
    U"⁰ⁱ⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₦₩₫€₴₸₹₺₽₿⅓⅔⅕⅖⅗⅘⅛⅜⅝⅞"
    // letterlike, number forms
    U"ℂℒℕ№ℙℚℝ™ℤℵℹⅠⅡⅢⅣⅤ"
    // arrows
    U"←↑→↓↔↕↖↗↘↙↚↛↤↦↩↪↰↱↲↳↴↵↺↻⇄⇌⇐⇑⇒⇓⇔⇤⇥⇧⇨⟨⟩⟵⟶⟷⟸⟹➔➜➝➞➡➤⬅⬆⬇"
    // mathematics
    U"∀∂∃∄∅∆∇∈∉∋∏∑−∖∗∘∙√∛∜∝∞∟∠∣∤∥∦∧∨∩∪∫∴∵≄≅≆≇≈≉≔≕≠≡≢≤≥≪≫"
    U"⊂⊃⊆⊇⊕⊗⊙⊢⊣⊤⊥⊨⋄⋅⋆⋮⋯◌"
    // technical
    U"⌃⌄⌈⌉⌊⌋⌘⌥⌦⌫⎇⎈⎋⎯⎿⏎⏏⏱⏲⏸⏹⏺␀␊␍␠␣"
    // circled numbers
    U"①②③④⑤⑥⑦⑧⑨⑩"
    // geometric shapes
    U"■□▢▪▫▬▮▯▲△▶▷▸►▼▽▾◀◁◂◄◆◇◈◉◊○◎●◐◑◒◓◔◢◣◤◥◦◯◼"
    // symbols and dingbats
    U"☀☁★☆☐☑☒☛☞☠☰☹☺♀♂♠♣♥♦♪♫♯♻⚐⚑⚓⚖⚙⚛⚠"
    U"✆✈✉✏✐✓✔✕✖✗✘✢✦✧✳✶✻✽❀❏❖❘❤❮❯"
    // Braille spinners, Powerline
    U"⠇⠋⠏⠙⠦⠧⠴⠸⠹⠼⡿⢿⣟⣧⣯⣷⣻⣽⣾⣿\uE0A0\uE0B0\uE0B1\uE0B2\uE0B3";

constexpr std::u32string_view kWide =
    // East Asian punctuation
    U"\u3000、。〈〉《》「」『』【】〜！（），．：；？～"
    // emoji of the basic plane
    U"⌚⌛⏬⏰⏳⚡⚪⚫⛔✅✊✋✨❌❎❓❔❕❗➕➖➗➰⬛⬜⭐⭕"
    // emoji beyond it
    U"🌍🌐🌟🌱🎉🎓🎨🎯🏁🏆🏠🐍🐛👀👉👋👌👍👎👏👑💡💥💪💬💭💯💰💻💾"
    U"📁📂📄📅📈📉📊📋📌📍📎📏📖📚📝📞📢📦🔁🔄🔍🔎🔐🔑🔒🔔🔗🔥🔧🔨🔬🔴🔵🔶"
    U"😀😊😍🙂🙏🚀🚧🚨🚫🛑🛡🛠🟠🟡🟢🟣🤔🤖🤝🦀🧠🧩🧪🧭🧱";

void append(std::u32string& characters, std::u32string_view more) {
  for (char32_t character : more) {
    if (characters.find(character) == characters.npos) characters += character;
  }
}

}  // namespace

std::u32string atlas_characters() {
  std::u32string characters = U"\n\t";
  for (const Range& range : kRanges) {
    for (char32_t character = range.first; character <= range.last; ++character) {
      append(characters, {&character, 1});
    }
  }
  append(characters, kNarrow);
  append(characters, kWide);
  return characters;
}

}  // namespace fovea
