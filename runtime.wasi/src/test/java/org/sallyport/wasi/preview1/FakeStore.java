package org.sallyport.wasi.preview1;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.Engine;
import org.sallyport.EngineLimits;
import org.sallyport.Func;
import org.sallyport.Global;
import org.sallyport.Heap;
import org.sallyport.HostFunction;
import org.sallyport.Memory;
import org.sallyport.ReferenceScope;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.StructRef;
import org.sallyport.Table;
import org.sallyport.Tag;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;

/** A store that can do nothing but hold attachments. */
final class FakeStore implements Store {
    private final Map<Class<?>, Object> attachments = new HashMap<>();
    private final ResourceAccount account;

    FakeStore() {
        this(100_000);
    }

    /** @param descriptors that may be open */
    FakeStore(int descriptors) {
        account = ResourceAccount.root(new EngineLimits(1000, 1L << 40, 1L << 30, descriptors, 1000, 1L << 30));
    }

    @Override
    public Engine engine() {
        throw new UnsupportedOperationException();
    }

    @Override
    public StoreLimits limits() {
        return StoreLimits.DEFAULT;
    }

    @Override
    public ResourceAccount resources() {
        return account;
    }

    @Override
    public long memoryBytes() {
        return 0;
    }

    @Override
    public long fuel() {
        throw new IllegalStateException("not counted");
    }

    @Override
    public void setFuel(long fuel) {
        throw new IllegalStateException("not counted");
    }

    @Override
    public @Nullable String poisonedBecause() {
        return null;
    }

    @Override
    public void interrupt() {}

    @Override
    public void setInterruptible(boolean on) {}

    @Override
    public <T> void attach(Class<T> key, @Nullable T value) {
        attachments.put(key, value);
    }

    @Override
    public <T> @Nullable T attachment(Class<T> key) {
        return key.cast(attachments.get(key));
    }

    @Override
    public Memory newMemory(MemoryType type) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Table newTable(TableType type, @Nullable Object initial) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Global newGlobal(GlobalType type, @Nullable Object value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Tag newTag(FuncType type) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Func newFunc(FuncType type, HostFunction function) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HeapType.Concrete newType(CompositeType type) {
        throw new UnsupportedOperationException();
    }

    @Override
    public StructRef newStruct(HeapType.Concrete type, @Nullable Object... fields) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, long length, @Nullable Object initial) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, MemorySegment elements) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ReferenceScope openScope() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Heap heap() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
