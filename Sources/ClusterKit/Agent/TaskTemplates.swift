/// The templates of one task, read and with their places known.
package struct TaskTemplates: Sendable {
    /// One of them.
    package struct Part: Sendable {
        package var spec: TemplateSpec
        var template: Template
        package var destination: TemplateDestination
        /// The file's mode.
        package var mode: UInt32
    }

    package let parts: [Part]
    /// What they can ask for.
    private let scope: TemplateScope
    /// What the function `env` sees.
    private let environment: [String: String]

    /// Reads the templates of `task`. Throws `ClusterError` for one that cannot be rendered here; nothing is rendered.
    package init(
        of task: TaskSpec, in assignment: Assignment, on node: Node, folders: TaskFolders
    ) throws(ClusterError) {
        let environment = TaskEnvironment(of: task, in: assignment, on: node, folders: folders)
        self.environment = environment.variables
        var parts: [Part] = []
        for spec in task.templates {
            let destination = try TemplateDestination(
                spec.destination, interpolation: environment.interpolation, folders: folders)
            guard let mode = spec.mode else {
                throw ClusterError(.invalid, "a template's permissions must be octal, \"0644\" for example")
            }
            let template: Template
            do throws(TemplateError) {
                template = try Template(
                    parsing: spec.data, leftDelimiter: spec.leftDelimiter, rightDelimiter: spec.rightDelimiter)
            } catch {
                throw ClusterError(.invalid, "the template for \(spec.destination) cannot be read: \(error)")
            }
            parts.append(Part(spec: spec, template: template, destination: destination, mode: mode))
        }
        self.parts = parts
        scope = parts.reduce(into: TemplateScope()) { $0.add($1.template) }
    }

    /// How messages call what a template asks for: by name only where the template states it.
    package func shown(_ query: TemplateQuery) -> String { scope.states(query) ? "\(query)" : query.kindName }

    /// What came of rendering all of them.
    package struct Pass {
        /// The files; `nil` for one for which something is missing.
        package var texts: [String?] = []
        package var missing: Set<TemplateQuery> = []
        package var used: Set<TemplateQuery> = []
    }

    /// Renders all of them as far as `values` go.
    package func render(with values: [TemplateQuery: TemplateValue]) throws(ClusterError) -> Pass {
        var pass = Pass()
        for part in parts {
            do throws(TemplateError) {
                let rendering = try part.template.render(
                    with: values, environment: environment, failsOnMissingKey: part.spec.failsOnMissingKey)
                pass.used.formUnion(rendering.used)
                switch rendering.outcome {
                case .complete(let text): pass.texts.append(text)
                case .missing(let queries):
                    pass.texts.append(nil)
                    pass.missing.formUnion(queries)
                }
            } catch {
                throw ClusterError(.invalid, "the template for \(part.spec.destination) cannot be rendered: \(error)")
            }
        }
        return pass
    }

    /// The variables that the rendered `texts` of templates with `env = true` state.
    package func variables(in texts: [String]) throws(ClusterError) -> [String: String] {
        var variables: [String: String] = [:]
        for (part, text) in zip(parts, texts) where part.spec.isEnvironment {
            do throws(ClusterError) {
                variables.merge(try EnvironmentFile.variables(in: text)) { _, last in last }
            } catch {
                throw ClusterError(.invalid, "the template for \(part.spec.destination): \(error.message)")
            }
        }
        return variables
    }

    /// Files that are to be other than they are, by the places of their templates.
    package struct Changes {
        /// Those that the task need not act on.
        package var atOnce: [Int: String] = [:]
        /// Those that are written when it acts on them.
        package var waiting: [Int: String] = [:]
        /// The longest wait before that.
        package var splay = Duration.zero
    }

    /// What is to change where files are as `shown`. Throws `ClusterError`, and nothing is to change, when the
    /// variables that they state cannot be read.
    package func changes(from shown: [String?], to texts: [String?]) throws(ClusterError) -> Changes {
        var changes = Changes()
        let changed = texts.indices.filter { texts[$0] != shown[$0] }
        guard !changed.isEmpty else { return changes }
        _ = try variables(in: texts.compactMap(\.self))
        for index in changed {
            guard let text = texts[index] else { continue }
            if parts[index].spec.changeMode == .noop {
                changes.atOnce[index] = text
            } else {
                changes.waiting[index] = text
                changes.splay = max(changes.splay, parts[index].spec.splay)
            }
        }
        return changes
    }

    /// What a change of these files does to the task; `nil` for nothing. A restart makes signals needless.
    package func reaction(toChangeOf changed: [Int]) -> TemplateReaction? {
        let specs = changed.map { parts[$0].spec }
        if specs.contains(where: { $0.changeMode == .restart }) { return .restart }
        let signals = Set(specs.filter { $0.changeMode == .signal }.map(\.changeSignal))
        return signals.isEmpty ? nil : .signals(signals.sorted())
    }

    /// What people are told of a task that runs on with the files that it has.
    package static func words(keepingFilesFor error: any Error) -> String {
        "\((error as? ClusterError)?.message ?? "\(error)"); the file stays as it is"
    }
}

/// What a changed file does to its task.
package enum TemplateReaction: Hashable, Sendable {
    case restart
    /// Signals by name.
    case signals([String])
}

extension TemplateSpec {
    /// The permissions as a number; `nil` when they are not octal or grant more than reading, writing and executing.
    package var mode: UInt32? {
        guard (1...4).contains(permissions.utf8.count), permissions.utf8.allSatisfy({ 0x30...0x37 ~= $0 }),
            let mode = UInt32(permissions, radix: 8), mode <= 0o777
        else { return nil }
        return mode
    }
}
