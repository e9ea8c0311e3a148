package org.sallyport.engine.code;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.engine.threads.JavaStack;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.NativeMemory;

/**
 * The code of a module whose functions are compiled when they are first called: stubs, a table in data pages behind
 * them, and the code of the functions, packed ({@link LazyCompiler}, {@link CodeArena}). Any number of stores and threads call
 * and compile at once; a function is compiled once, and whoever else wants it meanwhile waits for that.
 *
 * <p>All of the module in its eager form may come later ({@link #install}) and takes the place of everything that was
 * compiled at calls. That is reached no more, but stays mapped as long as a store uses the module, because guests may be
 * in it. Addresses of functions do not change: they are those of the stubs.
 */
public final class LazyCode {
    private static final int LOCKS = 64;

    private final CodeOwner module;
    private final CodeSpace space;
    private final CodeShare share;
    private final LazyCompiler compiler;
    private final int functions;
    private final CodeSpace.Stubs stubs;
    /** By function, several to a lock. */
    private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

    // guarded by this: what is mapped, and the slots
    /** The functions that were compiled at calls. */
    private final CodeArena arena;
    private final List<CodeSpace.Mapping> mapped = new ArrayList<>();
    private @Nullable CompiledModule whole;
    private long wholeBase;
    private boolean gone;
    private boolean hasStubs = true;
    private boolean hasTable = true;

    /**
     * @param functions number of those defined in the module
     * @param more code that is wanted as well ({@link #behind})
     */
    public LazyCode(
            CodeOwner module,
            CodeSpace space,
            CodeShare share,
            LazyCompiler compiler,
            int functions,
            byte[] more) {
        this.module = module;
        this.space = space;
        this.share = share;
        this.compiler = compiler;
        this.functions = functions;
        arena = new CodeArena(space, share);
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new ReentrantLock();
        }
        stubs = space.mapStubs(share, compiler.stubBytes(), 8L * functions, new IntFunction<>() {
            @Override
            public byte[] apply(int table) {
                return compiler.stubs(table);
            }
        }, more);
        for (int i = 0; i < functions; i++) {
            NativeMemory.putLong(slot(i), beforeCode(i));
        }
    }

    /** Where the other code is. */
    public long behind() {
        return stubs.base() + CodeSpace.align(compiler.stubBytes());
    }

    private long beforeCode(int function) {
        return stubs.base() + compiler.beforeCode(function);
    }

    /** What stands for the function. @param function index among those defined in the module */
    public long address(int function) {
        return stubs.base() + compiler.stub(function);
    }

    private long slot(int function) {
        return stubs.table() + 8L * function;
    }

    /** Functions that were compiled at calls. */
    public synchronized int compiled() {
        return mapped.size();
    }

    /** Whether calls run the eager form. */
    public synchronized boolean isWhole() {
        return whole != null;
    }

    /**
     * The address of the function's code, which is compiled if nobody has done it.
     *
     * @throws CompilationException if the budget says so, also while another thread compiles the function
     */
    public long code(int function, CompileBudget budget) {
        ReentrantLock lock = locks[function % LOCKS];
        budget.acquire(lock);
        try {
            long known = NativeMemory.getLong(slot(function));
            return known != beforeCode(function) ? known : JavaStack.withRoom(new Supplier<>() {
                @Override
                public Long get() {
                    return compile(function, budget);
                }
            });
        } finally {
            lock.unlock();
        }
    }

    private long compile(int function, CompileBudget budget) {
        LazyCompiler.Function made = compiler.compile(function, budget);
        CompiledModule code = made.code();
        synchronized (this) {
            if (whole != null) { // came meanwhile, and calls nothing through stubs
                return wholeBase + whole.functionStart(function);
            }
            long address = arena.add(code.code().length, new LongFunction<>() {
                @Override
                public byte[] apply(long at) {
                    return linked(made, at);
                }
            });
            CodeSpace.Mapping mapping = new CodeSpace.Mapping(address, code.code().length, module, code, function);
            mapped.add(mapping);
            space.add(mapping);
            VarHandle.releaseFence();
            NativeMemory.putLong(slot(function), address);
            return address;
        }
    }

    /** The code as it must be at an address. */
    private byte[] linked(LazyCompiler.Function made, long at) {
        byte[] bytes = made.code().code().clone();
        for (int i = 0; i < made.callFields().length; i++) {
            int field = made.callFields()[i];
            compiler.completeCall(bytes, field, address(made.callTargets()[i]) - (at + field));
        }
        return bytes;
    }

    /**
     * The module's eager form. One call at a time.
     *
     * @throws CompilationException if the budget says so
     */
    public CompiledModule compileAll(CompileBudget budget, Executor executor) {
        return compiler.compileAll(budget, executor);
    }

    /**
     * Maps the module's eager form beside the stubs, and has all calls run it from now on.
     *
     * @return false if the module's code is unmapped already
     * @throws org.sallyport.LimitExceededException if there is no place for it; then nothing has changed
     */
    public synchronized boolean install(CompiledModule eager) {
        if (gone || whole != null) {
            return !gone;
        }
        long base = space.map(share, eager.code());
        space.add(new CodeSpace.Mapping(base, eager.code().length, module, eager, 0));
        wholeBase = base;
        whole = eager;
        VarHandle.releaseFence();
        for (int i = 0; i < eager.functionCount(); i++) {
            NativeMemory.putLong(slot(i), base + eager.functionStart(i));
        }
        return true;
    }

    /**
     * No store uses the module: gives back what was compiled at calls, if calls do not reach it any more. A store may
     * begin to use it at the same time.
     */
    public synchronized void discardSuperseded() {
        if (whole != null && !gone) {
            unmapFunctions();
        }
    }

    private void unmapFunctions() {
        while (!mapped.isEmpty()) {
            space.remove(mapped.getLast().base());
            mapped.removeLast();
        }
        arena.close();
    }

    /** Nothing runs in the module any more. Goes on where it failed before. */
    public synchronized void unmap() {
        gone = true;
        unmapFunctions();
        if (whole != null) {
            space.remove(wholeBase);
            space.unmap(share, wholeBase);
            whole = null;
        }
        if (hasStubs) {
            space.unmap(share, stubs.base());
            hasStubs = false;
        }
        if (hasTable) {
            space.giveBackTable(share, stubs.table());
            hasTable = false;
        }
    }

    /**
     * Checks that each slot leads to where the function is.
     *
     * @throws AssertionError if not
     */
    public synchronized void check() {
        int compiled = 0;
        for (int i = 0; i < functions && !gone; i++) {
            long at = NativeMemory.getLong(slot(i));
            if (at == beforeCode(i) && whole == null) {
                continue;
            }
            CodeSpace.Mapping mapping = space.moduleAt(at);
            if (mapping == null
                    || mapping.module() != module
                    || mapping.code().functionAt((int) (at - mapping.base())) + mapping.firstFunction() != i
                    || at != mapping.base() + mapping.code().functionStart(i - mapping.firstFunction())) {
                throw new AssertionError("BUG: function " + i + " of " + module + " leads to " + mapping);
            }
            compiled++;
        }
        if (whole == null && compiled != mapped.size()) {
            throw new AssertionError("BUG: " + mapped.size() + " functions are mapped, " + compiled + " reached");
        }
    }
}
