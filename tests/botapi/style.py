"""Style sheet of the chat page."""

# Paragraphs take their direction from their first strong letter, as in Telegram: unicode-bidi: plaintext.
# People's bubbles stand at the right whatever the direction of the page, as they do in Telegram.
STYLE = """
* { box-sizing: border-box; }
body { margin: 0; background: #cfd9c5; font: 16px/1.55 'Noto Sans', 'Noto Sans Arabic', sans-serif; }
header { background: #517da2; color: white; padding: 10px 16px; font-weight: bold; }
header small { display: block; font-weight: normal; opacity: .8; line-height: 1.2; }
main { max-width: 600px; margin: 0 auto; padding: 12px; display: flex; flex-direction: column; gap: 8px; }
h2 { font-size: 14px; margin: 12px 0 0; padding: 4px 14px; background: #fff; border-radius: 10px; color: #3a6d99; }
.message { max-width: 88%; min-width: 45%; margin-right: auto; margin-left: 0; direction: rtl; }
.message.mine { margin-right: 0; margin-left: auto; min-width: 0; }
.bubble { padding: 7px 12px 5px; border-radius: 14px; background: white; box-shadow: 0 1px 1px #0002; }
.mine .bubble { background: #effdde; }
.name { color: #3a6d99; font-size: 13px; font-weight: bold; unicode-bidi: plaintext; text-align: start; }
.name i { color: #888; font-style: normal; font-weight: normal; }
.origin { color: #3a8e4d; font-size: 13px; }
.reply { border-inline-start: 3px solid #65a9e0; background: #eef5fb; border-radius: 6px; padding: 2px 8px;
  color: #444; font-size: 13px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.reply b { display: block; color: #3a6d99; }
.reply.quoted::after { content: "❞"; float: inline-end; color: #65a9e0; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start; }
blockquote { margin: 4px 0; padding: 6px 10px; background: #e9f3fb; border-radius: 6px; display: block;
  border: solid #65a9e0; border-width: 0; border-inline-start-width: 3px; unicode-bidi: plaintext; text-align: start; }
blockquote.folded { max-height: 5.4em; overflow: hidden; }
em { font-style: normal; color: #168acd; } a { color: #168acd; text-decoration: none; }
code, pre { font-family: monospace; color: #a0430a; }
pre { margin: 0; white-space: pre-wrap; unicode-bidi: plaintext; text-align: start; }
.file { display: flex; gap: 10px; align-items: center; margin: 4px 0; }
.file span { width: 40px; height: 40px; border-radius: 50%; background: #65a9e0; color: white; font-size: 22px;
  display: grid; place-items: center; }
.file small { display: block; color: #888; text-align: right; }
.foot { display: flex; gap: 6px; align-items: center; min-height: 18px; }
.when { margin-inline-start: auto; color: #9aa9b5; font-size: 12px; } .when i { font-style: normal; }
.reaction { background: #d7ecfb; border-radius: 12px; padding: 0 8px; }
.row { display: flex; gap: 4px; margin-top: 4px; direction: ltr; }
.button { flex: 1; position: relative; background: #6f8f6cb8; color: white; text-align: center; font-size: 14px;
  font-weight: bold; border-radius: 9px; padding: 6px 14px; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
.button sup { position: absolute; top: 1px; inset-inline-end: 5px; font-size: 10px; line-height: 1.4; }
.toast { background: #333c; color: white; border-radius: 8px; padding: 4px 10px; margin-top: 4px; font-size: 13px;
  width: fit-content; }
.service { align-self: center; background: #6f8f6cb8; color: white; border-radius: 14px; padding: 2px 12px;
  font-size: 13px; }
.draft .bubble { opacity: .65; border: 1px dashed #9ab; }
.inline { background: white; border-radius: 10px; box-shadow: 0 1px 4px #0003; overflow: hidden; margin-top: 8px; }
.inline ul { list-style: none; margin: 0; padding: 0; }
.inline li { padding: 8px 14px; border-bottom: 1px solid #eee; }
.inline li b, .inline li span { display: block; unicode-bidi: plaintext; text-align: start; }
.inline li span { color: #777; font-size: 14px; } .inline .more { color: #aaa; text-align: center; }
.inline .top { padding: 9px; text-align: center; color: #168acd; font-weight: bold; border-bottom: 1px solid #eee; }
.inline .top.none { color: #999; font-weight: normal; }
.inline .typed { padding: 10px 14px; background: #f4f7f9; unicode-bidi: plaintext; text-align: start; }
.inline .typed bdi { color: #168acd; }
"""
