package org.sallyport.engine.objectcode;

import org.sallyport.ArtefactKey;
import org.sallyport.GuestFrame;
import org.sallyport.engine.EngineImpl;
import org.sallyport.engine.HeapUse;
import org.sallyport.engine.ModuleImpl;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ValidModule;

/** A module whose code is Java's. */
final class ObjectModule extends ModuleImpl {
    private final ObjectCode code;

    private ObjectModule(
            EngineImpl engine, String name, ValidModule valid, ObjectCode code, Runnable check, long heap) {
        super(engine, name, valid, check, heap);
        this.code = code;
        code.setFrames((function, offset) ->
                new GuestFrame(name(), function, functionName(function), offset, sources()));
    }

    /**
     * What it takes of the Java heap is charged to the engine until nobody uses it.
     *
     * @param check called every few milliseconds; what it throws ends the making, and nothing of it stays
     */
    static ObjectModule make(EngineImpl engine, String name, ValidModule valid, ObjectCode code, Runnable check) {
        long heap = HeapUse.ofModule(valid.module()) + code.heapBytes();
        engine.resources().charge(ResourceAccount.Kind.HEAP, heap);
        try {
            return new ObjectModule(engine, name, valid, code, check, heap);
        } catch (Throwable t) {
            engine.resources().giveBack(ResourceAccount.Kind.HEAP, heap);
            throw t;
        }
    }

    ObjectCode code() {
        return code;
    }

    @Override
    protected void freeCode() {}

    @Override
    public CompiledModule compiledModule() {
        throw new UnsupportedOperationException("module " + name() + " has no machine code: " + engine().backEnd());
    }

    @Override
    public void compileAll() {}

    @Override
    public byte[] serialize(ArtefactKey key) {
        throw new UnsupportedOperationException("module " + name() + " has no machine code: " + engine().backEnd());
    }
}
