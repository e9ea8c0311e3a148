package org.sallyport;

/**
 * A value of type {@code anyref} that is not null: {@link I31Ref}, {@link StructRef} or {@link ArrayRef}. An object of the host
 * that a guest has converted ({@code any.convert_extern}) is itself. References are opaque to guests' other types; while Java
 * holds one, its object stays; using it after its store was closed, or giving it to another store, is an error.
 */
public interface AnyRef {}
