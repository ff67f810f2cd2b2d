import Testing

@testable import ArcShell

@Suite("Parts of the line editor")
struct EditorPartsTests {
    @Test(
        "a prompt's escape sequences stand between marks, each before a visible character",
        arguments: [
            ("arc> ", "", "arc> "),
            ("", "", ""),
            ("\u{1B}[32marc> \u{1B}[0m", "", "\u{1}\u{1B}[32m\u{1}arc>\u{1}\u{1B}[0m\u{1} "),
            ("\u{1B}[1m\u{1B}[32ma", "", "\u{1}\u{1B}[1m\u{1B}[32m\u{1}a"),
            ("one\ntwo\n> ", "one\ntwo\n", "> "),
            ("\u{1B}[0m", "", ""),
        ])
    func prompt(_ prompt: String, _ above: String, _ line: String) {
        #expect(PromptText(prompt).above == above)
        #expect(PromptText(prompt).line == line)
    }

    @Test("one candidate is inserted; several that share no more are listed at the second TAB")
    func completion() {
        var state = CompletionState()
        let two = [Completion("m", "map"), Completion("m", "match")]
        #expect(state.tab(text: "m", cursor: 1, candidates: two) == .replace(scalars: 1, with: "ma"))
        let longer = [Completion("ma", "map"), Completion("ma", "match")]
        #expect(state.tab(text: "ma", cursor: 2, candidates: longer) == .list(["map", "match"]))
        #expect(state.tab(text: "max", cursor: 3, candidates: []) == .beep)
        let one = [Completion("q", "query(")]
        #expect(state.tab(text: "q", cursor: 1, candidates: one) == .replace(scalars: 1, with: "query("))
    }

    @Test("typing between two TABs asks anew")
    func completionAfterTyping() {
        var state = CompletionState()
        func candidates(_ text: String) -> [Completion] { [Completion(text, "x1"), Completion(text, "y1")] }
        #expect(state.tab(text: "", cursor: 0, candidates: candidates("")) == .beep)
        #expect(state.tab(text: " ", cursor: 1, candidates: candidates("")) == .beep)
        #expect(state.tab(text: " ", cursor: 1, candidates: candidates("")) == .list(["x1", "y1"]))
        state.reset()
        #expect(state.tab(text: " ", cursor: 1, candidates: candidates("")) == .beep)
    }

    @Test("candidates are listed in columns, and those left out are counted")
    func candidates() {
        #expect(CandidateList.text(["a", "bb", "c"], width: 11) == "a   c\nbb\n")
        #expect(CandidateList.text(["日本", "b"], width: 80) == "日本  b\n")
        #expect(CandidateList.text([], width: 80) == "")
        let many = (1...250).map(String.init)
        #expect(CandidateList.text(many, width: 80).hasSuffix("… and 50 more: type another letter\n"))
    }

    @Test("moving through the history keeps the draft and the changes made on the way")
    func history() {
        var state = HistoryState(entries: ["one", "two"])
        #expect(state.newer(than: "draft") == nil)
        #expect(state.older(than: "draft") == "two")
        #expect(state.older(than: "two!") == "one")
        #expect(state.older(than: "one") == nil)
        #expect(state.newer(than: "one") == "two!")
        #expect(state.newer(than: "two!") == "draft")
        #expect(state.newer(than: "draft") == nil)
        #expect(state.submit("three") == true)
        #expect(state.older(than: "") == "three")
        #expect(state.older(than: "three") == "two", "changes end with the input")
    }

    @Test("an empty input, one after a space, and a repetition become no entries")
    func kept() {
        var state = HistoryState()
        #expect(state.submit("a") == true)
        #expect(state.submit("a") == false)
        #expect(state.submit("") == false)
        #expect(state.submit(" \n ") == false)
        #expect(state.submit(" secret") == false)
        #expect(state.submit("b") == true)
        #expect(state.submit("a") == true)
        #expect(state.entries == ["a", "b", "a"])
    }

    @Test("a search moves among the entries that begin like the text, and back to it")
    func prefix() {
        var state = HistoryState(entries: ["sel 1", "ret", "sel 2", "sel 2 x"])
        #expect(state.older(than: "sel", beginningWith: "sel") == "sel 2 x")
        #expect(state.older(than: "sel 2 x", beginningWith: "sel 2 x") == "sel 2")
        #expect(state.older(than: "sel 2", beginningWith: "sel 2") == "sel 1")
        #expect(state.older(than: "sel 1", beginningWith: "sel 1") == nil)
        #expect(state.newer(than: "sel 1", beginningWith: "sel 1") == "sel 2")
        #expect(state.newer(than: "sel 2", beginningWith: "") == "sel 2 x")
        #expect(state.newer(than: "sel 2 x", beginningWith: "") == "sel")
    }

    @Test("Up goes on from an entry that Ctrl-R found")
    func afterSearch() {
        var state = HistoryState(entries: ["a", "b", "c"])
        #expect(state.older(than: "b") == "a")
    }

    @Test(
        "passwords are taken out of what is written to the file",
        arguments: [
            ("arc.connect('postgresql://u:secret@h:5432/d')", "arc.connect('postgresql://u:***@h:5432/d')"),
            ("postgres://u:p@ss/w:rd@h/d", "postgres://u:***@h/d"),
            ("postgres://u:@h/d", "postgres://u:***@h/d"),
            ("a://u:x@h b://v:y@i", "a://u:***@h b://v:***@i"),
            ("postgresql://h/d?user=u&password=x&a=b", "postgresql://h/d?user=u&password=***&a=b"),
            ("host=h password=secret dbname=d", "host=h password=*** dbname=d"),
            ("host=h password = 'se cr\\'et' dbname=d", "host=h password = '***' dbname=d"),
            ("PGPASSWORD=x psql", "PGPASSWORD=*** psql"),
            ("alter user u password 'x y'; select 1", "alter user u password '***'; select 1"),
            ("alter user u password U&'x' y", "alter user u password U&'***' y"),
            ("alter user u password /* a */ 'x' y", "alter user u password /* a */ '***' y"),
            ("{\"password\": \"x\"}", "{\"password\": \"***\"}"),
            ("t[\"password\"] = 'x'", "t[\"password\"] = '***'"),
            ("password 'unclosed", "password '***'"),
            // What holds none stays as it is.
            ("select password from users", "select password from users"),
            ("https://example.com/a:b", "https://example.com/a:b"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            ("-- a password", "-- a password"),
            ("日本語 '", "日本語 '"),
        ])
    func redaction(_ input: String, _ written: String) {
        #expect(HistoryRedaction.redact(input) == written)
    }
}
