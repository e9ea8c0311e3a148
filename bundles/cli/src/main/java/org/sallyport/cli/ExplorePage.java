package org.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.sallyport.Module;
import org.sallyport.SourcePosition;
import org.sallyport.TrapCode;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.SideTables.Sites;
import org.sallyport.spi.ValidModule;
import org.sallyport.text.Wat;
import org.sallyport.text.WatInstruction;
import org.sallyport.wasm.Printable;

/**
 * The page of {@code explore}: for each function its instructions in the text format, under the source lines they come from,
 * beside its machine code. Rows belong together by attributes: {@code data-w}, the offset of a wasm instruction, which machine
 * code has where it may trap or a call returns; {@code data-l}, the number of a source line. One file, which loads nothing.
 */
final class ExplorePage {
    private final StringBuilder out = new StringBuilder();
    private final Module module;
    private final ValidModule valid;
    private final CompiledModule compiled;
    private final MachineCode code;
    private final IntFunction<List<WatInstruction>> text;
    private final Map<String, Integer> lines = new HashMap<>();

    private ExplorePage(Module module) {
        this.module = module;
        valid = module.validModule();
        compiled = Parts.machineCode(module);
        code = MachineCode.of(compiled);
        text = Wat.instructions(valid.module());
    }

    /** @param only index of the function wanted, or -1 for all */
    static String of(String file, Module module, int only) throws IOException {
        return new ExplorePage(module).page(file, only);
    }

    private String page(String file, int only) throws IOException {
        out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<title>").append(html(file))
                .append("</title>\n<style>\n").append(resource("explore.css")).append("</style></head><body>\n<header><h1>")
                .append(html(file)).append("</h1><input id=\"search\" type=\"search\" placeholder=\"search functions, ")
                .append("instructions, source lines\" autofocus><span id=\"found\"></span></header>\n");
        int imported = valid.spaces().importedFuncs();
        for (int i = 0; i < compiled.functionCount(); i++) {
            if (only < 0 || only == imported + i) {
                function(i, imported + i);
            }
        }
        out.append("<script>\n").append(resource("explore.js")).append("</script></body></html>\n");
        return out.toString();
    }

    private void function(int defined, int index) throws IOException {
        String name = Printable.name(valid.module().names().function(index));
        out.append("<section id=\"f").append(index).append("\"><h2>").append(html(name)).append(" <small>func[").append(index)
                .append("], ").append(compiled.functionEnd(defined) - compiled.functionStart(defined))
                .append(" bytes</small></h2><div class=\"both\"><div class=\"text\">\n");
        String shown = "";
        for (WatInstruction instruction : text.apply(defined)) {
            String line = line(instruction.offset());
            if (!line.isEmpty() && !line.equals(shown)) {
                out.append("<div class=\"s\"").append(lineMark(line)).append('>').append(html(line)).append("</div>\n");
                shown = line;
            }
            row("w", instruction.offset(), line, "  ".repeat(Math.min(instruction.depth(), 30)) + instruction.text(), "");
        }
        out.append("</div><div class=\"code\">\n");
        for (MachineCode.Row row : code.rows(defined)) {
            TrapCode trap = compiled.trapAt(row.offset());
            Sites calls = compiled.tables().calls();
            int wasm = trap != null ? compiled.positionAt(row.offset())
                    : calls.find(row.offset()) >= 0 ? compiled.callPositionAt(row.offset()) : -1;
            String note = trap != null ? trap.text() : wasm >= 0 ? "a call returns here" : "";
            row("m", wasm, wasm < 0 ? "" : line(wasm), String.format("%6x  %s", row.offset(), row.text()), note);
        }
        out.append("</div></div></section>\n");
    }

    /** The source of an instruction: {@code file:line}, of the innermost function. */
    private String line(int offset) {
        List<SourcePosition> found = module.sources().find(offset);
        return found.isEmpty() || found.getFirst().line() <= 0 ? "" : found.getFirst().file() + ":" + found.getFirst().line();
    }

    private String lineMark(String line) {
        return line.isEmpty() ? "" : " data-l=\"" + lines.computeIfAbsent(line, _ -> lines.size()) + "\"";
    }

    private void row(String kind, int wasm, String line, String shown, String note) {
        out.append("<div class=\"").append(kind).append('"');
        if (wasm >= 0) {
            out.append(" data-w=\"").append(wasm).append('"');
        }
        out.append(lineMark(line)).append('>').append(html(shown));
        if (!note.isEmpty()) {
            out.append(" <i>").append(html(note)).append("</i>");
        }
        out.append("</div>\n");
    }

    private static String html(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ExplorePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new AssertionError("BUG: no " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
