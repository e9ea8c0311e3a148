package org.sallyport.engine;

import org.sallyport.EntityType;
import org.sallyport.Store;
import org.sallyport.Tag;
import org.sallyport.engine.types.Shapes;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;

/** An exception tag; its identity is the object's, for machine code the number's. */
public final class TagImpl implements Tag {
    private final StoreImpl store;
    private final FuncType type;
    private final int typeId;
    private final long number;
    private final boolean hasExceptions;

    /** @param number other than 0 and that of any other tag in the store */
    public TagImpl(StoreImpl store, FuncType type, int typeId, long number) {
        this.store = store;
        this.type = type;
        this.typeId = typeId;
        this.number = number;
        boolean found = false;
        for (ValType param : type.params()) {
            found |= param instanceof RefType ref && Shapes.isException(ref);
        }
        hasExceptions = found;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public EntityType entityType() {
        return new EntityType.Tag(type);
    }

    @Override
    public FuncType type() {
        return type;
    }

    int typeId() {
        return typeId;
    }

    public long number() {
        return number;
    }

    /** Whether values of its exceptions are references to exceptions. */
    boolean hasExceptions() {
        return hasExceptions;
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
