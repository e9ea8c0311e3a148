package org.sallyport.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.TrapCode;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.SideTables.Sites;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Printable;

/** Shows machine code, with what of the module it belongs to. */
final class ObjdumpCommand extends Subcommand {
    private static final String FUNCTION = "--func";

    ObjdumpCommand() {
        super("objdump", "Show the machine code of a module, with places in the module and traps.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.option(FUNCTION, "FUNC", "Only this function; by name or index.");
        EngineOptions.describe(syntax);
        syntax.file("Module in any format, also compiled; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        ModuleFile source = ModuleFile.read(line.file(), streams);
        try (Engine engine = Engine.create(EngineOptions.config(line));
                Module module = source.compile(engine)) {
            ValidModule valid = module.validModule();
            CompiledModule compiled = Parts.machineCode(module);
            MachineCode code = MachineCode.of(compiled);
            int imported = valid.spaces().importedFuncs();
            int only = line.has(FUNCTION) ? InspectCommand.index(valid, line.value(FUNCTION)) : -1;
            if (only >= 0 && only < imported) {
                throw new FailureException(HostText.shown(line.value(FUNCTION)) + ": is imported, so there is no code of it");
            }
            streams.out().println(source.name() + ": module \"" + Printable.name(module.name()) + "\", " + compiled.target()
                    + ", " + compiled.code().length + " bytes"
                    + (code.disassembles() ? "" : "; bytes only, because there is no objdump (binutils) here"));
            for (int i = 0; i < compiled.functionCount(); i++) {
                if ((only < 0 || only == imported + i) && streams.isListening()) {
                    function(code, valid, compiled, i, streams);
                }
            }
        }
        return ExitStatus.OK;
    }

    private static void function(MachineCode code, ValidModule valid, CompiledModule compiled, int defined, Streams streams)
            throws IOException {
        PrintStream out = streams.out();
        int index = valid.spaces().importedFuncs() + defined;
        String name = Printable.name(valid.module().names().function(index));
        var body = valid.module().bodies().get(defined);
        out.println();
        out.println(streams.outPaint().strong(String.format(Locale.ROOT, "%08x <%s>: func[%d], wasm 0x%x to 0x%x",
                compiled.functionStart(defined), name, index, body.start(), body.end())));
        for (MachineCode.Row row : code.rows(defined)) {
            String note = note(compiled, row.offset());
            out.println(String.format(Locale.ROOT, "%8x:  %s", row.offset(), note.isEmpty() ? row.text()
                    : String.format(Locale.ROOT, "%-44s ; %s", row.text(), note)));
        }
    }

    /** What the tables know of a place: the wasm instruction that may trap there, or the call that returns there. */
    private static String note(CompiledModule compiled, int offset) {
        TrapCode trap = compiled.trapAt(offset);
        Sites calls = compiled.tables().calls();
        int call = calls.find(offset);
        String returns = call < 0 ? "" : "returns to wasm 0x" + Integer.toHexString(calls.positions()[call]);
        if (trap == null) {
            return returns;
        }
        String traps = "wasm 0x" + Integer.toHexString(compiled.positionAt(offset)) + ": " + trap.text();
        return returns.isEmpty() ? traps : returns + "; " + traps;
    }
}
