package org.sallyport;

/**
 * Something of a store that can be imported and exported. A view: it needs no closing and is useless once its store is
 * closed.
 */
public sealed interface Extern permits Func, Table, Memory, Global, Tag {
    Store store();

    EntityType entityType();
}
