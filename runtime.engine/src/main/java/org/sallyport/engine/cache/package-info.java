/**
 * Compiled code between runs: {@link org.sallyport.engine.cache.ModuleCache} finds and keeps it, {@link
 * org.sallyport.engine.cache.Artefact} is what a module is serialized to. Nothing here is mapped or run, and nothing is
 * believed before its {@link org.sallyport.engine.cache.Seal} was checked.
 */
@NullMarked
package org.sallyport.engine.cache;

import org.jspecify.annotations.NullMarked;
