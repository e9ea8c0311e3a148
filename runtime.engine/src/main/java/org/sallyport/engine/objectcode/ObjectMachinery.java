package org.sallyport.engine.objectcode;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CodeCache;
import org.sallyport.StoreLimits;
import org.sallyport.UntrustedArtefactException;
import org.sallyport.engine.BoundClasses;
import org.sallyport.engine.EngineImpl;
import org.sallyport.engine.Execution;
import org.sallyport.engine.Machinery;
import org.sallyport.engine.ModuleImpl;
import org.sallyport.engine.SharedMemoryImpl;
import org.sallyport.engine.StoreImpl;
import org.sallyport.engine.compile.Compilers;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.process.Barrier;
import org.sallyport.engine.process.PlainBarrier;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.ObjectBackEnd;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.WasmModule;

/**
 * An engine's part for code that is Java's. There is nothing native: what is taken is counted for all such engines of this
 * class loader, and an engine that nobody closes leaves nothing but its charges. Modules are compiled whole, and nothing is
 * kept between runs.
 */
public final class ObjectMachinery extends Machinery {
    private final ObjectBackEnd backEnd;
    private final ResourceAccount account;
    private final Barrier barrier = new PlainBarrier();
    private final BoundClasses boundClasses = new BoundClasses();

    public ObjectMachinery(EngineImpl engine, ObjectBackEnd backEnd) {
        super(engine);
        this.backEnd = backEnd;
        account = ResourceAccount.ofThisLoader().newEngine(engine.config().engineLimits());
        try {
            account.charge(ResourceAccount.Kind.THREADS, OWN_THREADS + 2L * engine.compilers().threads());
        } catch (Throwable t) {
            account.close();
            throw t;
        }
    }

    ObjectBackEnd backEnd() {
        return backEnd;
    }

    @Override
    protected String describe() {
        return backEnd.target() + ", " + backEnd.fingerprint()
                + (engine().config().compile().fuel() ? ", counting fuel" : "");
    }

    @Override
    public String target() {
        return backEnd.target();
    }

    @Override
    protected ResourceAccount account() {
        return account;
    }

    @Override
    protected Barrier barrier() {
        return barrier;
    }

    @Override
    protected BoundClasses boundClasses() {
        return boundClasses;
    }

    /** It holds the engine only while it works for it, and looks by itself whether that is still there. */
    @Override
    protected void hold(Thread thread) {}

    @Override
    @Nullable protected CodeCache codeCache() {
        return null;
    }

    @Override
    protected void begin() {}

    @Override
    protected ModuleImpl compile(
            String name, byte[] binary, WasmModule wasm, CompileBudget budget, FlightEvents.@Nullable Compile event) {
        ValidModule valid = engine().validate(wasm, budget);
        ObjectCode code = backEnd.compile(name, valid, engine().config().compile(), budget, engine().compilers().executor());
        budget.check();
        ModuleImpl made = engine().add(ObjectModule.make(engine(), name, valid, code, new Compilers.Check(budget)));
        FlightEvents.end(event, made, null);
        return made;
    }

    @Override
    protected ModuleImpl deserialize(byte[] artefact, ArtefactKey key, CompileBudget budget) {
        throw new UntrustedArtefactException("artefacts are machine code; back end " + backEnd.target() + " runs none");
    }

    @Override
    protected Guests open(StoreLimits limits, ResourceAccount owner) {
        return new Guests() {
            @Override
            public Execution in(StoreImpl store) {
                return new ObjectExecution(ObjectMachinery.this, store, owner);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    protected SharedMemoryImpl newSharedMemory(MemoryType type, MemoryBudget budget) {
        return ObjectSharedMemory.make(engine(), type, account.newOwner(), budget);
    }

    @Override
    protected void close() {
        boundClasses.close();
        account.close();
    }
}
