package org.sallyport.codegen.pipeline;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.codegen.lir.Ints;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;

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
        int[] targets = function.relocationTargets();
        int[] offsets = function.relocationOffsets();
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

    /** @throws CompilationException if the code does not fit the reach of a call, 2 GiB */
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
        return tables(fingerprint, code, starts, ends);
    }

    private void collectHelpers() {
        for (FunctionCode function : functions) {
            for (int target : function.relocationTargets()) {
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
            if (end > Integer.MAX_VALUE - 64) {
                throw new CompilationException("the module's machine code exceeds 2 GiB", null);
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
            int[] offsets = functions[i].relocationOffsets();
            int[] targets = functions[i].relocationTargets();
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

    private CompiledModule tables(String fingerprint, byte[] code, int[] starts, int[] ends) {
        int traps = 0;
        int calls = 0;
        for (FunctionCode function : functions) {
            traps += function.trapOffsets().length;
            calls += function.callOffsets().length;
        }
        int[] trapOffsets = new int[traps];
        byte[] trapCodes = new byte[traps];
        int[] trapPositions = new int[traps];
        int[] callOffsets = new int[calls];
        int[] callPositions = new int[calls];
        Ints inlined = new Ints();
        Ints inlinedAt = new Ints();
        inlined(true, traps, inlined, inlinedAt);
        inlined(false, traps, inlined, inlinedAt);
        traps = 0;
        calls = 0;
        for (int i = 0; i < functions.length; i++) {
            FunctionCode function = functions[i];
            int n = function.trapOffsets().length;
            copy(function.trapOffsets(), trapOffsets, traps, starts[i]);
            System.arraycopy(function.trapCodes(), 0, trapCodes, traps, n);
            System.arraycopy(function.trapPositions(), 0, trapPositions, traps, n);
            traps += n;
            n = function.callOffsets().length;
            copy(function.callOffsets(), callOffsets, calls, starts[i]);
            System.arraycopy(function.callPositions(), 0, callPositions, calls, n);
            calls += n;
        }
        return new CompiledModule(
                module.isa().target(), fingerprint, code, functions.length, starts, ends, trapOffsets, trapCodes,
                trapPositions, callOffsets, callPositions, inlined.toArray(), inlinedAt.toArray());
    }

    /** The functions' entries of that kind: those of traps go before those of calls. */
    private void inlined(boolean ofTraps, int allTraps, Ints indices, Ints at) {
        int before = ofTraps ? 0 : allTraps;
        for (FunctionCode function : functions) {
            int traps = function.trapOffsets().length;
            for (int i = 0; i < function.inlined().length; i++) {
                int index = function.inlined()[i];
                if (index < traps == ofTraps) {
                    indices.add(before + index - (ofTraps ? 0 : traps));
                    at.add(function.inlinedAt()[i]);
                }
            }
            before += ofTraps ? traps : function.callOffsets().length;
        }
    }

    private static void copy(int[] from, int[] to, int at, int add) {
        for (int i = 0; i < from.length; i++) {
            to[at + i] = from[i] + add;
        }
    }
}
