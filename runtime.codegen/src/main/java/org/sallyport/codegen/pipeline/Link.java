package org.sallyport.codegen.pipeline;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.SideTables;

/** Lays functions and helpers out behind each other, resolves the calls between them and joins the side tables. */
final class Link {
    private final ModuleCode module;
    private final Isa.Branches branches;
    private final FunctionCode[] functions;
    /** Helper by relocation target, and its index behind the functions. */
    private final Map<Integer, Integer> helperIndex = new LinkedHashMap<>();

    Link(ModuleCode module, @Nullable FunctionCode[] compiled) {
        this.module = module;
        branches = module.isa().branches();
        functions = new FunctionCode[compiled.length];
        for (int i = 0; i < compiled.length; i++) {
            FunctionCode function = compiled[i];
            if (function == null) {
                throw new AssertionError("BUG: function " + (module.importedFuncs() + i) + " was not compiled");
            }
            functions[i] = function;
        }
    }

    /** One function with its helpers; calls to other functions stay open. */
    static LazyCompiler.Function alone(ModuleCode module, FunctionCode function, String fingerprint) {
        int[] targets = function.relocations().targets();
        int[] offsets = function.relocations().offsets();
        int[] fields = new int[targets.length];
        int[] callees = new int[targets.length];
        int n = 0;
        for (int k = 0; k < targets.length; k++) {
            if (!FunctionCode.isHelper(targets[k])) {
                fields[n] = offsets[k];
                callees[n++] = targets[k] - module.importedFuncs();
            }
        }
        CompiledModule code = new Link(module, new FunctionCode[] {function}).run(fingerprint, true);
        return new LazyCompiler.Function(code, Arrays.copyOf(fields, n), Arrays.copyOf(callees, n));
    }

    /** @throws CompilationException if the code does not fit the reach of a call */
    CompiledModule run(String fingerprint) {
        return run(fingerprint, false);
    }

    private CompiledModule run(String fingerprint, boolean isAlone) {
        collectHelpers();
        int n = functions.length + helperIndex.size();
        byte[][] pieces = new byte[n][];
        int[] alignments = new int[n];
        for (int i = 0; i < functions.length; i++) {
            pieces[i] = functions[i].code();
            alignments[i] = Math.max(branches.alignment(), functions[i].alignment());
        }
        helperIndex.forEach((target, i) -> {
            pieces[i] = module.isa().helper(module, target);
            alignments[i] = branches.alignment();
        });
        int[] starts = new int[n];
        int[] ends = new int[n];
        byte[] code = layOut(pieces, alignments, starts, ends);
        relocate(code, starts, isAlone);
        return compiled(fingerprint, code, starts, ends);
    }

    private void collectHelpers() {
        for (FunctionCode function : functions) {
            for (int target : function.relocations().targets()) {
                if (FunctionCode.isHelper(target)) {
                    helperIndex.putIfAbsent(target, functions.length + helperIndex.size());
                }
            }
        }
    }

    private byte[] layOut(byte[][] pieces, int[] alignments, int[] starts, int[] ends) {
        long end = 0;
        for (int i = 0; i < pieces.length; i++) {
            int mask = (1 << alignments[i]) - 1;
            end = end + mask & ~(long) mask;
            starts[i] = (int) end;
            end += pieces[i].length;
            ends[i] = (int) end;
            if (end > Math.min(Integer.MAX_VALUE - 64, branches.reach())) {
                long reach = branches.reach() >> 20;
                throw new CompilationException("the module's machine code exceeds the reach of a call, " + reach + " MiB", null);
            }
        }
        byte[] code = new byte[(int) end];
        int from = 0;
        for (int i = 0; i < pieces.length; i++) {
            branches.fill(code, from, starts[i]);
            System.arraycopy(pieces[i], 0, code, starts[i], pieces[i].length);
            from = ends[i];
        }
        return code;
    }

    private void relocate(byte[] code, int[] starts, boolean helpersOnly) {
        for (int i = 0; i < functions.length; i++) {
            int[] offsets = functions[i].relocations().offsets();
            int[] targets = functions[i].relocations().targets();
            for (int k = 0; k < offsets.length; k++) {
                if (helpersOnly && !FunctionCode.isHelper(targets[k])) {
                    continue;
                }
                int field = starts[i] + offsets[k];
                int target = FunctionCode.isHelper(targets[k])
                        ? helperIndex.get(targets[k])
                        : targets[k] - module.importedFuncs();
                branches.complete(code, field, starts[target] - field);
            }
        }
    }

    private CompiledModule compiled(String fingerprint, byte[] code, int[] starts, int[] ends) {
        List<SideTables> tables =
                Arrays.stream(functions).map(FunctionCode::tables).toList();
        return new CompiledModule(module.isa().target(), fingerprint, code,
                new CompiledModule.Functions(functions.length, starts, ends),
                SideTables.join(tables, Arrays.copyOf(starts, functions.length)));
    }
}
