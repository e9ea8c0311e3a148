package org.sallyport.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.sallyport.BackEndKind;
import org.sallyport.Engine;
import org.sallyport.Module;

/** Writes a page with the text of a module beside its machine code. */
final class ExploreCommand extends Subcommand {
    private static final String OUTPUT = "--output";
    private static final String FUNCTION = "--func";

    ExploreCommand() {
        super("explore", "Write an HTML page: text beside machine code, with source lines and search.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.output("Where to write the page; - is standard output. Without it NAME.explore.html in the current"
                + " directory.");
        syntax.option(FUNCTION, "FUNC", "Only this function; by name or index.");
        EngineOptions.describe(syntax);
        syntax.file("Module in any format, also compiled; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        String output = line.has(OUTPUT) ? line.value(OUTPUT) : CompileCommand.usualName(line.file(), ".explore.html");
        ModuleFile source = ModuleFile.read(line.file(), streams);
        try (Engine engine = Engine.create(EngineOptions.config(line).withBackEnd(BackEndKind.NATIVE));
                LongWork _ = LongWork.begin("exploring " + source.shortName(), streams);
                Module module = source.compile(engine)) {
            module.setDebugFiles(DebugFolder.of(line.file()));
            int only = line.has(FUNCTION) ? InspectCommand.index(module.validModule(), line.value(FUNCTION)) : -1;
            if (only >= 0 && only < module.validModule().spaces().importedFuncs()) {
                throw new FailureException(HostText.shown(line.value(FUNCTION)) + ": is imported, so there is no code of it");
            }
            String page = ExplorePage.of(source.name(), module, only);
            OutputFile.write(output, page.getBytes(StandardCharsets.UTF_8), streams);
        }
        return ExitStatus.OK;
    }
}
