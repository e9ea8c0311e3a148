/**
 * Scripts of assertions over modules, as the specification's testsuite is written in ({@code .wast}): {@link
 * org.sallyport.text.wast.Script} is what a text says, {@link org.sallyport.text.wast.WastRunner} runs it on whatever a
 * {@link org.sallyport.text.wast.ScriptHost} offers, {@link org.sallyport.text.wast.EngineHost} offers an engine.
 */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport.text.wast;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
