package org.sallyport.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.WasmModule;

/** Shows what is in a module and what became of it; of one that is refused, what is in it and why. */
final class InspectCommand extends Subcommand {
    private static final int TOP = 10;
    private static final String IR = "--ir";
    private static final String JSON = "--json";

    InspectCommand() {
        super("inspect", "Show what is in a module (also one that is refused) or a core dump, or the compiler's work.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.flag("--functions", "List all functions, not only the " + TOP + " largest.");
        syntax.option(IR, "FUNC", "Show one function after each pass of the compiler; by name or index.");
        syntax.flag(JSON, "Write JSON.");
        EngineOptions.describe(syntax);
        syntax.file("Module in any format, also compiled; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        if (line.has(IR) && line.has(JSON)) {
            throw new UsageException(IR + " and " + JSON + ": the compiler's work is written as text only");
        }
        Config config = EngineOptions.config(line);
        ModuleFile source = ModuleFile.read(line.file(), streams);
        if (CoreDumpReader.isDump(source.bytes())) {
            streams.out().print(CoreDumpText.of(source.name(), CoreDumpReader.read(source.bytes())));
            return ExitStatus.OK;
        }
        Support support = new Support(config.features(), Parts.compiledFeatures());
        try (Engine engine = Engine.create(config)) {
            try (Module module = source.compile(engine)) {
                if (line.has(IR)) {
                    streams.out().print(ir(module, line.value(IR), config));
                } else {
                    print(Inspection.of(source.name(), engine.backEnd(), module, support), line, streams);
                }
                return ExitStatus.OK;
            } catch (FailureException e) {
                if (line.has(IR) || !(e.getCause() instanceof SallyportException refusal) || !source.isModule()) {
                    throw e;
                }
                print(Inspection.refused(source, engine.backEnd(), refusal, support), line, streams);
                throw new FailureException(source.name() + ": " + refusal.getMessage(), refusal);
            }
        }
    }

    private static void print(Inspection inspection, Line line, Streams streams) {
        int most = line.has("--functions") ? Integer.MAX_VALUE : TOP;
        streams.out().print(line.has(JSON)
                ? Json.write(InspectionJson.of(inspection, most))
                : InspectionText.of(inspection, most));
    }

    private static String ir(Module module, String function, Config config) {
        ValidModule valid = module.validModule();
        int index = index(valid, function);
        if (index < valid.spaces().importedFuncs()) {
            throw new FailureException(HostText.shown(function) + ": is imported, so there is no code of it");
        }
        return Parts.codeGenerator(Parts.machineCode(module).target()).dump(valid, index, config.compile());
    }

    /** By name, by the name of an export, or by number. */
    static int index(ValidModule valid, String function) {
        for (Map.Entry<Integer, String> name : valid.module().names().functions().entrySet()) {
            if (name.getValue().equals(function)) {
                return name.getKey();
            }
        }
        List<WasmModule.Export> exports = valid.module().exports();
        for (WasmModule.Export export : exports) {
            if (export.name().equals(function) && export.kind() == ExternKind.FUNC) {
                return export.index();
            }
        }
        int count = valid.spaces().funcCount();
        if (function.matches("\\d{1,9}") && Integer.parseInt(function) < count) {
            return Integer.parseInt(function);
        }
        throw new FailureException(
                "there is no function " + HostText.shown(function) + "; give a name or an index below " + count);
    }
}
