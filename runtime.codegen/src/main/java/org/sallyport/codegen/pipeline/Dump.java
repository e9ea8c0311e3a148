package org.sallyport.codegen.pipeline;

import java.util.HexFormat;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Optimizer;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.spi.SideTables;

/** Writes down what becomes of one function, stage by stage. */
final class Dump implements CompileFunction.Observer {
    private static final int BYTES_PER_LINE = 16;

    private final StringBuilder text = new StringBuilder();
    private final Isa isa;
    private String last = "";

    private Dump(Isa isa) {
        this.isa = isa;
    }

    static String of(ModuleCode module, int function) {
        var dump = new Dump(module.isa());
        var compiler = new CompileFunction(module, Meter.unlimited());
        try {
            dump.machineCode(compiler.run(function, dump));
        } catch (AssertionError e) { // a fault of ours: what came before it is what one wants to see
            dump.section("failed", e.getMessage());
        }
        return dump.text.toString();
    }

    private void section(String name, String content) {
        text.append("=== ").append(name).append('\n');
        text.append(content.equals(last) ? "(no change)\n" : content);
        if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
            text.append('\n');
        }
        last = content;
    }

    @Override
    public void built(Graph graph) {
        section("built", graph.toString());
    }

    @Override
    public Optimizer.Observer passes() {
        return (pass, graph, _) -> section(pass, graph.toString());
    }

    @Override
    public void lowered(Lir lir) {
        section("lowered", isa.print(lir, null));
    }

    @Override
    public void allocated(Lir lir, Allocation allocation) {
        section("allocated", isa.print(lir, allocation));
    }

    private void machineCode(FunctionCode function) {
        var lines = new StringBuilder();
        byte[] code = function.code();
        for (int at = 0; at < code.length; at += BYTES_PER_LINE) {
            lines.append(String.format("%6x  ", at))
                    .append(HexFormat.ofDelimiter(" ").formatHex(code, at, Math.min(code.length, at + BYTES_PER_LINE)))
                    .append('\n');
        }
        SideTables.Traps traps = function.tables().traps();
        SideTables.Sites at = traps.sites();
        for (int i = 0; i < at.count(); i++) {
            lines.append(String.format("trap %x code %d wasm 0x%x%n", at.offsets()[i], traps.codes()[i], at.positions()[i]));
        }
        SideTables.Sites calls = function.tables().calls();
        for (int i = 0; i < calls.count(); i++) {
            lines.append(String.format("return %x wasm 0x%x%n", calls.offsets()[i], calls.positions()[i]));
        }
        section("machine code", lines.toString());
    }
}
