/** The look of the cashier; `:host` starts from nothing, so that the page's styles stay outside. */
export const style = `
:host { all: initial; }
* { box-sizing: border-box; }
.veil {
  --ground: #fff; --raised: #f6f6f6; --ink: #191919; --soft: #6f6f6f; --line: #ececec; --accent: #07c160; --on-accent: #04200f;
  position: fixed; top: 0; right: 0; bottom: 0; left: 0; z-index: 2147483647;
  display: flex; align-items: flex-end; justify-content: center;
  background: rgba(0, 0, 0, .5); color: var(--ink); animation: appear .2s ease-out;
  font: 16px/1.5 -apple-system, BlinkMacSystemFont, "PingFang SC", "Microsoft YaHei", "Helvetica Neue", "Noto Sans CJK SC", sans-serif;
}
.sheet {
  width: 100%; max-width: 480px; max-height: 100%; overflow-y: auto; background: var(--ground);
  border-radius: 14px 14px 0 0; padding: 0 24px calc(20px + env(safe-area-inset-bottom, 0px));
  animation: rise .28s cubic-bezier(.2, .8, .2, 1);
}
header { display: flex; align-items: center; justify-content: space-between; min-height: 56px; margin: 0 -12px; }
header span { width: 44px; }
h2 { margin: 0; font-size: 17px; font-weight: 600; }
button {
  font: inherit; color: inherit; border: 0; background: none; cursor: pointer; border-radius: 8px; min-height: 44px;
  -webkit-tap-highlight-color: transparent; touch-action: manipulation;
}
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.close { width: 44px; padding: 0; }
.close svg { display: block; margin: auto; }
.payee { margin: 12px 0 0; text-align: center; color: var(--soft); overflow-wrap: anywhere; }
.amount { margin: 2px 0 20px; text-align: center; font-size: 44px; font-weight: 600; line-height: 1.2; font-variant-numeric: tabular-nums; }
.amount small { font-size: 28px; margin-right: 4px; }
dl { margin: 0 0 24px; border-top: 1px solid var(--line); }
dl div { display: flex; justify-content: space-between; padding: 14px 0; border-bottom: 1px solid var(--line); }
dt { flex: none; margin-right: 24px; color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.pay { display: block; width: 100%; min-height: 50px; background: var(--accent); color: var(--on-accent); font-size: 17px; font-weight: 600; }
.pay:active { filter: brightness(.92); }
.pay[disabled] { opacity: .6; cursor: default; }
.close[disabled] { visibility: hidden; }
.note { margin: 14px 0 0; text-align: center; font-size: 13px; color: var(--soft); }
.centred { align-items: center; padding: 24px; }
.box { width: 100%; max-width: 320px; background: var(--ground); border-radius: 12px; text-align: center; animation: appear .2s; overflow: hidden; }
.box p { margin: 0; padding: 32px 24px; overflow-wrap: anywhere; }
.box button { width: 100%; min-height: 54px; border-top: 1px solid var(--line); border-radius: 0; color: #576b95; font-weight: 600; }
.box button:focus-visible { outline-offset: -4px; }
@keyframes appear { from { opacity: 0; } }
@keyframes rise { from { transform: translateY(100%); } }
@media (min-width: 640px) { .veil { align-items: center; } .sheet { border-radius: 14px; } }
@media (prefers-color-scheme: dark) {
  .veil { --ground: #1e1e1e; --raised: #2a2a2a; --ink: #e6e6e6; --soft: #a0a0a0; --line: #333; --accent: #07b55a; }
  .box button { color: #8fa3cc; }
}
@media (prefers-reduced-motion: reduce) { .veil, .sheet, .box { animation: none; } }
`
