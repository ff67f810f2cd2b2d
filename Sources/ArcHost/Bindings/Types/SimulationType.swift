import ArcKit
import LuaBridge

extension Library {
    /// A simulation's handle: its id and name, and every function whose first parameter is a simulation.
    func simulationType(_ bindings: [Binding]) -> TypeBinding {
        let fields: [Parameter] = [
            .required("id", .string, "its id"),
            .required("simulation_id", .string, "the same"),
            .optional("name", .string, "its name for people"),
        ]
        let methods = bindings.filter(\.isSimulationMethod).map { $0.asMethod(of: SimulationHandle.typeName) }
        let names = fields.map(\.name) + methods.map(\.name)
        return TypeBinding(
            SimulationHandle.typeName,
            "A simulation: what arc.start_simulation and arc.simulation give. Every function whose first parameter is a simulation is a method of it.",
            fields: fields, methods: methods,
            example: """
                local sim = arc.simulation("latest")
                print(sim.name, sim:get_simulation_status().completed_runs)
                """,
            index: { call in
                let reference = try call.object(0, as: SimulationHandle.self).reference
                switch call[1].stringValue {
                case "id", "simulation_id": return [.string(reference.id)]
                case "name": return [.optional(reference.name)]
                default:
                    let key = call[1].stringValue ?? ArgumentCheck.display(call[1])
                    throw TypeBinding.unknownField(key, of: SimulationHandle.typeName, names: names)
                }
            },
            tostring: { call in [.string(try call.object(0, as: SimulationHandle.self).reference.id)] })
    }
}

extension Binding {
    /// The function as a method of what its first parameter takes.
    fileprivate func asMethod(of type: String) -> Binding {
        let function = path
        let receiver = parameters.first?.name ?? ""
        let methodBody: Body =
            switch body {
            case .immediate(let run): .immediate { try run($0.takingReceiver(as: receiver, of: function)) }
            case .waiting(let run): .waiting { try await run($0.takingReceiver(as: receiver, of: function)) }
            case .lua: .lua
            }
        return Binding(
            "\(type):\(name)", summary, Array(parameters.dropFirst()),
            returns: result.map { ($0.type, $0.summary) }, effects: effects, example: example, methodBody)
    }
}
