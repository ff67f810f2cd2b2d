extension Library {
    var environmentBindings: [Binding] {
        [
            Binding(
                "arc.env",
                "The environment variables that arc was started with, to read: arc.env.HOME, or with a value for where there is none. pairs(arc.env) goes through all.",
                [
                    .required("name", .string, "the variable's name"),
                    .optional("default", .any, "what comes where there is no such variable"),
                ],
                returns: (.string, "its value; else the default, or nil"), effects: [.environment],
                example: """
                    assert(arc.env.PATH == arc.env("PATH"))
                    assert(arc.env("NO_SUCH_VARIABLE", "default") == "default")
                    """, .lua)
        ]
    }
}
