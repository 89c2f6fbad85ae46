/// The style sheet of pages: for light and dark screens.
enum PageStyle {
    static let css = """
        :root { color-scheme: light dark; --back: #ffffff; --text: #1b1f24; --soft: #57606a; --rule: #d5dae0;
          --good: #2f6fbf; --bad: #c8372d; --late: #d98a1f; --dropped: #7b4fb5; --empty: #eef1f4; }
        @media (prefers-color-scheme: dark) { :root { --back: #14181d; --text: #e3e7eb; --soft: #9aa4ae;
          --rule: #363d45; --good: #6ba4ea; --bad: #f0685e; --late: #eeb04f; --dropped: #b694e6; --empty: #2c343d; } }
        body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 0 auto;
          max-width: 960px; padding: 24px 16px 64px; }
        h1 { font-size: 24px; margin: 0; } h2 { font-size: 18px; margin: 40px 0 4px; }
        p { color: var(--soft); margin: 4px 0 12px; } p b { font-weight: 600; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 16px 0; }
        dt { color: var(--soft); } dd { margin: 0; }
        svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font-size: 12px; }
        .grid { stroke: var(--rule); } .tick { stroke: var(--soft); } .unread { fill: var(--empty); }
        .good { fill: var(--good); } .bad { fill: var(--bad); } .late { fill: var(--late); } .dropped { fill: var(--dropped); }
        i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 4px; }
        i.good { background: var(--good); } i.bad { background: var(--bad); } i.late { background: var(--late); }
        i.dropped { background: var(--dropped); border-radius: 6px; }
        i.unread { background: var(--empty); outline: 1px solid var(--soft); outline-offset: -1px; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 10px 3px 0; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        th { color: var(--soft); font-weight: 500; } .n { text-align: right; }
        """
}
