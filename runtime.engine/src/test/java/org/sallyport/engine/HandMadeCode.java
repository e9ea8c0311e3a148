package org.sallyport.engine;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executor;

import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.SideTables;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.VmLayout;

/**
 * Stands in for the compiler: the functions of a module are written in machine code, so that the ways into and out of
 * the guest are tested without anything else. Stubs and trampolines are the real ones.
 */
final class HandMadeCode extends ForwardingGenerator {
    /** A function's code. {@code trapAt} is the offset of an instruction that may trap, or -1. */
    record Body(byte[] code, int trapAt, TrapCode trap) {}

    /** Writes the functions of a module, given its layout. */
    interface Author {
        List<Body> write(VmLayout layout);
    }

    private static final String PROLOGUE = "55 4889E5";
    /** mov r14, [r15+disp8]. */
    private static final String LOAD_MEMORY0 =
            "4D8B77" + HexFormat.of().toHexDigits((byte) VmLayout.MEMORY0_BASE);

    private final Author author;

    HandMadeCode(Author author) {
        super(new NativeCodeGenerator());
        this.author = author;
    }

    static Body body(String hex) {
        return new Body(hex(PROLOGUE + hex), -1, TrapCode.UNREACHABLE);
    }

    /** @param at offset of the trapping instruction behind the prologue */
    static Body trapping(String hex, int at, TrapCode code) {
        return new Body(hex(PROLOGUE + hex), 4 + at, code);
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static String disp32(int value) {
        return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
    }

    /** {@code (i32) -> i32} that calls imported function {@code index} with its argument. */
    static Body callImport(VmLayout layout, int index) {
        return body("4883EC10" // sub rsp, 16
                + "4C897DF8" // mov [rbp-8], r15
                + "4D89FA" // mov r10, r15
                + "4D8B9F" + disp32(layout.importCode(index)) // mov r11, [r15+code]
                + "4D8BBF" + disp32(layout.importVmctx(index)) // mov r15, [r15+vmctx]
                + LOAD_MEMORY0
                + "41FFD3" // call r11
                + "4C8B7DF8" // mov r15, [rbp-8]
                + LOAD_MEMORY0
                + "4889EC 5D C3"); // mov rsp, rbp; pop rbp; ret
    }

    @Override
    public CompiledModule compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        VmLayout layout = new VmLayout(module.module(), module.escapingFunctions());
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        List<Body> bodies = author.write(layout);
        int[] starts = new int[bodies.size()];
        int[] ends = new int[bodies.size()];
        List<Integer> traps = new ArrayList<>();
        ByteArrayOutputStream codes = new ByteArrayOutputStream();
        for (int i = 0; i < starts.length; i++) {
            while (code.size() % 16 != 0) {
                code.write(0xCC);
            }
            starts[i] = code.size();
            Body body = bodies.get(i);
            if (body.trapAt >= 0) {
                traps.add(starts[i] + body.trapAt);
                codes.write(body.trap.ordinal());
            }
            code.writeBytes(body.code);
            ends[i] = code.size();
        }
        int[] offsets = traps.stream().mapToInt(i -> i).toArray();
        SideTables.Sites sites = new SideTables.Sites(offsets, new int[offsets.length], new int[0], new int[0]);
        return new CompiledModule(
                target(), fingerprint(), code.toByteArray(), new CompiledModule.Functions(starts.length, starts, ends),
                new SideTables(
                        new SideTables.Traps(sites, codes.toByteArray()), SideTables.Sites.NONE, SideTables.Handlers.NONE));
    }

    @Override
    public String fingerprint() {
        return "by hand";
    }

    @Override
    public String dump(ValidModule module, int function, CompileOptions options) {
        return "by hand";
    }
}
