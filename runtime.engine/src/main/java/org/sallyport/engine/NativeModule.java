package org.sallyport.engine;

import java.util.BitSet;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.LimitExceededException;
import org.sallyport.engine.cache.Artefact;
import org.sallyport.engine.cache.CompiledForm;
import org.sallyport.engine.code.Brevity;
import org.sallyport.engine.code.CodeShare;
import org.sallyport.engine.code.CodeSpace;
import org.sallyport.engine.code.LazyCode;
import org.sallyport.engine.code.Trampolines;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.WasmModule.Export;

/**
 * A module whose code is mapped as machine code, or will be. It stays while the module is open or a store uses it.
 */
public final class NativeModule extends ModuleImpl {
    private final NativeMachinery machinery;
    /** Null as long as nobody asks for it in a module that is compiled lazily. */
    private volatile @Nullable CompiledModule compiled;
    private final @Nullable LazyCode lazy;
    private volatile @Nullable BackgroundCompilation background;
    private final VmLayout layout;
    private final InitialMemory initialMemory;
    private final int @Nullable [][] referenceOffsets;
    private final CodeShare share;
    private final Trampolines trampolines;
    private final long base;
    private boolean codeUnmapped;
    /** By function defined in the module: 0 if nobody has asked yet, else whether it is brief. */
    private final byte[] brevity;

    /**
     * A module whose code is mapped. What it takes of the Java heap is charged to the engine until nobody uses it.
     *
     * @param compiled or null
     * @param compiler for functions when they are called, if there is no code
     * @param check called every few milliseconds; what it throws ends the making, and nothing of it stays
     * @throws LimitExceededException if there is no place for it
     */
    public static NativeModule make(
            NativeMachinery machinery,
            String name,
            ValidModule valid,
            @Nullable CompiledModule compiled,
            @Nullable LazyCompiler compiler,
            Runnable check) {
        long heap = HeapUse.ofModule(valid.module());
        ResourceAccount account = machinery.engine().resources();
        account.charge(Kind.HEAP, heap);
        try {
            return new NativeModule(machinery, name, valid, compiled, compiler, check, heap);
        } catch (Throwable t) {
            account.giveBack(Kind.HEAP, heap);
            throw t;
        }
    }

    private NativeModule(
            NativeMachinery machinery,
            String name,
            ValidModule valid,
            @Nullable CompiledModule compiled,
            @Nullable LazyCompiler compiler,
            Runnable check,
            long heap) {
        super(machinery.engine(), name, valid, check, heap);
        this.machinery = machinery;
        this.compiled = compiled;
        layout = new VmLayout(valid.module(), valid.escapingFunctions());
        brevity = new byte[valid.module().bodies().size()];
        referenceOffsets = new int[valid.module().elements().size()][];
        boolean ownsMemory0 = spaces().memoryCount() > 0 && spaces().importedMemories() == 0;
        initialMemory = new InitialMemory(
                machinery.allocator(),
                machinery.holdings(),
                engine().resources(),
                wasm(),
                ownsMemory0 ? spaces().memory(0) : null);
        CodeSpace space = machinery.codeSpace();
        share = space.newShare(toString());
        trampolines = new Trampolines(space, share);
        try {
            byte[] more = trampolines.prepare(exportedTypes(), importedTypes(), check);
            if (compiled != null) {
                lazy = null;
                base = space.map(share, compiled.code(), more);
                space.add(new CodeSpace.Mapping(base, compiled.code().length, this, compiled, 0));
                trampolines.place(base + CodeSpace.align(compiled.code().length));
            } else if (compiler != null) {
                int functions = valid.module().bodies().size();
                lazy = new LazyCode(this, space, share, compiler, functions, more);
                base = 0;
                trampolines.place(lazy.behind());
            } else {
                throw new AssertionError("BUG: neither code nor a compiler");
            }
        } catch (Throwable t) {
            trampolines.close();
            releaseTypes();
            throw t;
        }
    }

    private List<FuncType> exportedTypes() {
        BitSet types = new BitSet();
        for (Export export : wasm().exports()) {
            if (export.kind() == ExternKind.FUNC) {
                types.set(spaces().funcTypeIndex(export.index()));
            }
        }
        return types(types);
    }

    private List<FuncType> importedTypes() {
        BitSet types = new BitSet();
        for (int i = 0; i < spaces().importedFuncs(); i++) {
            types.set(spaces().funcTypeIndex(i));
        }
        return types(types);
    }

    private List<FuncType> types(BitSet indices) {
        return indices.stream()
                .mapToObj(i -> (FuncType) wasm().types().get(i).composite())
                .toList();
    }

    // ---- for the parts of the runtime

    VmLayout layout() {
        return layout;
    }

    /** What the module has of the code space. */
    CodeShare share() {
        return share;
    }

    /** The module's own; they stay as long as its code. */
    Trampolines trampolines() {
        return trampolines;
    }

    /** See {@link Brevity}. */
    boolean isBrief(int function) {
        int defined = function - spaces().importedFuncs();
        if (brevity[defined] == 0) {
            brevity[defined] = (byte) (Brevity.isBrief(validModule(), function) ? 1 : -1);
        }
        return brevity[defined] > 0;
    }

    InitialMemory initialMemory() {
        return initialMemory;
    }

    /** Address of a function of this module, which is not imported. */
    long codeAddress(int function) {
        int defined = function - spaces().importedFuncs();
        CompiledModule all = compiled;
        return lazy != null || all == null ? lazyCode().address(defined) : base + all.functionStart(defined);
    }

    /** The code of a module that is compiled lazily. */
    LazyCode lazyCode() {
        LazyCode code = lazy;
        if (code == null) {
            throw new AssertionError("BUG: " + this + " is not compiled lazily");
        }
        return code;
    }

    @Override
    boolean isLazy() {
        return lazy != null;
    }

    /** Makes the eager form of a lazy module. Set before anybody else knows the module. */
    void setBackground(BackgroundCompilation compilation) {
        background = compilation;
    }

    /**
     * The address of a function's code, for a call in a store.
     *
     * @param function index among those defined in the module
     */
    long compile(int function, StoreImpl store) {
        return lazyCode().code(function, engine().budget(this, store));
    }

    /** Where the reference records of the functions of an element segment are in the instance context, or -1. */
    int[] referenceOffsets(int segment, Runnable step) {
        int[] known = referenceOffsets[segment];
        if (known == null) {
            int[] functions = wasm().elements().get(segment).funcs();
            known = new int[functions.length];
            for (int i = 0; i < known.length; i++) {
                step.run();
                known[i] = layout.funcRef(functions[i]);
            }
            referenceOffsets[segment] = known; // whoever does the same at the same time finds the same
        }
        return known;
    }

    @Override
    protected void freeCode() {
        BackgroundCompilation unwanted = background;
        if (unwanted != null) {
            unwanted.cancel();
        }
        initialMemory.close();
        if (lazy != null) {
            lazy.unmap();
        } else if (!codeUnmapped) {
            CodeSpace space = machinery.codeSpace();
            space.remove(base);
            space.unmap(share, base);
            codeUnmapped = true;
        }
        trampolines.close();
    }

    @Override
    void discardSuperseded() {
        if (lazy != null && isUnused()) {
            lazy.discardSuperseded();
        }
    }

    // ---- the embedder's view

    @Override
    public CompiledModule compiledModule() {
        CompiledModule all = compiled;
        if (all == null) {
            BackgroundCompilation making = background;
            all = making != null
                    ? making.get()
                    : wholeCode();
            if (making == null) {
                install(all);
            }
            compiled = all;
        }
        return all;
    }

    private CompiledModule wholeCode() {
        CompileBudget budget = engine().compilers().begin(wasm().binary().length);
        try {
            return machinery.compileAll(validModule(), budget, engine().compilers().executor());
        } finally {
            engine().compilers().end(budget);
        }
    }

    /** Calls of a lazy module run the whole from now on, if there is a place for it. */
    private void install(CompiledModule all) {
        LazyCode code = lazy;
        try {
            if (code != null) {
                code.install(all);
            }
        } catch (LimitExceededException e) {
            // it stays lazy
        }
    }

    @Override
    public void compileAll() {
        compiledModule();
    }

    @Override
    public byte[] serialize(ArtefactKey key) {
        return Artefact.write(name(), new CompiledForm(validModule(), compiledModule()), engine().config(), key);
    }
}
