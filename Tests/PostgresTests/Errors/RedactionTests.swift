import Testing

@testable import Postgres

@Suite("Passwords stay out of texts")
struct RedactionTests {
    @Test(
        "a URL is described without its password",
        arguments: [
            "postgresql://ada:s3cr%40t-pw@db.example.com:5433/eval?sslmode=verify-full",
            "postgres://ada:s3cr%40t-pw@db.example.com/eval",
            "postgresql://db.example.com/eval?user=ada&password=s3cr%40t-pw",
            "host=db.example.com user=ada password='s3cr@t-pw' dbname=eval",
            "host=db.example.com user=ada password = s3cr@t-pw dbname=eval",
        ])
    func described(url: String) throws {
        let options = try ConnectionOptions(url)
        #expect(options["password"] == "s3cr@t-pw")
        for text in ["\(options)", String(reflecting: options)] {
            #expect(!text.contains("s3cr"))
            #expect(text.contains("db.example.com"))
        }
        #expect(try ConnectionOptions(options.url) == options || options.url.contains("s3cr%40t-pw"))
    }

    @Test(
        "a URL that can't be read is refused without its password",
        arguments: [
            "postgresql://ada:pa%zzword@db.example.com/eval",
            "postgresql://ada:pa/zzword@db.example.com/eval",
            "postgresql://ada:pa@zzword@db.example.com/eval",
            "postgresql://ada:zzword@db.example.com:port/eval",
            "postgresql://ada:zzword@db.example.com/eval?nonsense=1",
            "postgresql://ada@db.example.com/eval?password=zzword&nonsense=1",
            "host=db.example.com password=zzword nonsense=1",
            "host=db.example.com password='zzword",
            "host=db.example.com password=pa zzword",
        ])
    func refused(url: String) {
        let error = #expect(throws: DatabaseError.self) { try ConnectionOptions(url) }
        #expect(error?.code == .invalidOptions)
        #expect(error?.description.contains("zzword") == false, "\(error?.description ?? "")")
        #expect(error?.debugDescription.contains("zzword") == false)
    }

    @Test("a secret is taken out as written, decoded and encoded")
    func forms() {
        let redaction = Redaction(connectionString: "postgresql://u:a%20b%2Fcd@h/d")
        #expect(redaction.apply("x a%20b%2Fcd y a b/cd z") == "x *** y *** z")
    }

    @Test("a short password doesn't blot out every letter")
    func short() {
        let redaction = Redaction(secrets: ["a"])
        #expect(redaction.apply("a database \"a\" has a name") == "*** database \"***\" has *** name")
    }

    @Test("a failed connection names the server and not the password")
    func failedConnection() async throws {
        let options = try ConnectionOptions("postgresql://ada:zzword@127.0.0.1:1/eval")
        let error = await #expect(throws: DatabaseError.self) { try await Connection.connect(options) }
        #expect(error?.code == .connectionFailed)
        #expect(error?.description.contains("127.0.0.1") == true)
        #expect(error?.description.contains("zzword") == false)
    }
}

@Suite("A SQL error is shown as psql shows it")
struct SQLErrorTextTests {
    private func error(at position: Int) -> DatabaseError {
        var fields = ServerFields(sqlState: "42703", message: "column \"scroe\" does not exist")
        fields.position = position
        fields.hint = "Perhaps you meant \"score\"."
        fields.detail = "Failing row contains (secret row)."
        return DatabaseError(.server, "ERROR: \(fields.message)", server: fields)
    }

    @Test("the caret stands under the place, on its line")
    func caret() {
        let sql = "select *\nfrom t\nwhere scroe < 1"
        #expect(
            error(at: 23).rendered(pointingInto: sql) == """
                ERROR: column "scroe" does not exist
                LINE 3: where scroe < 1
                              ^
                HINT: Perhaps you meant "score".
                """)
    }

    @Test("wide characters, combining marks and tabs are counted")
    func wide() {
        // Two wide ones (4 columns), e with an accent of its own (1), a tab (shown as one space).
        let sql = "'日本e\u{301}'\tx"
        #expect(
            SQLErrorText.excerpt(of: sql, position: 8) == ["LINE 1: '日本e\u{301}' x", "                ^"])
    }

    @Test("of a long line the part around the place is shown")
    func long() {
        let sql = String(repeating: "a", count: 300) + "X" + String(repeating: "b", count: 300)
        let lines = SQLErrorText.excerpt(of: sql, position: 301)
        #expect(lines.count == 2)
        #expect(lines[0].count < 130)
        let caret = lines[1].count - 1
        #expect(Array(lines[0])[caret] == "X")
    }

    @Test("a place outside of the text shows nothing", arguments: [-1, 0, 5, 100])
    func outside(position: Int) {
        #expect(SQLErrorText.excerpt(of: "abc", position: position).isEmpty)
    }

    @Test(
        "of a text about passwords no literal is shown, however it is written",
        arguments: [
            "create role x pasword 'S3cretXQ'", "create role x password 'S3cretXQ",
            "alter role x password E'S3cretXQ' y",
            "alter role x password $a$S3cretXQ$a$ y", "select dblink('host=h passwd=S3cretXQ') y",
        ])
    func passwords(_ sql: String) {
        var fields = ServerFields(sqlState: "42601", message: "syntax error at or near \"'S3cretXQ\"")
        fields.position = sql.unicodeScalars.count
        let literal = sql.firstRange(of: "'S3cretXQ").map { String(sql[$0.lowerBound...]) } ?? "S3cretXQ"
        fields.message = "unterminated quoted string at or near \"\(literal)\""
        let error = DatabaseError(
            .server, sql.hasSuffix("XQ") ? "ERROR: \(fields.message)" : "ERROR", server: fields)
        let text = error.rendered(pointingInto: sql)
        #expect(!text.contains("S3cretXQ") && text.contains("LINE 1: "), "\(text)")
        #expect(text.contains("^"))
    }

    @Test("a database's name that is a connection string is refused, and not shown")
    func nestedString() {
        for name in ["postgresql://u:S3cretXQ@h/d", "host=h password=S3cretXQ"] {
            let error = #expect(throws: DatabaseError.self) {
                try ConnectionOptions(keywords: ["dbname": name])
            }
            #expect(error?.code == .invalidOptions && error?.description.contains("S3cretXQ") == false)
        }
    }

    @Test("row data is in the details only")
    func details() {
        #expect(!error(at: 1).description.contains("secret row"))
        #expect(!error(at: 1).rendered(pointingInto: "x").contains("secret row"))
        #expect(error(at: 1).debugDescription.contains("secret row"))
    }
}
