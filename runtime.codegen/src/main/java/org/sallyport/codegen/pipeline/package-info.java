/**
 * What becomes of a module on its way to machine code, whatever the machine: functions go through the stages, alone or
 * all at once, and are linked. What a machine must offer is {@link org.sallyport.codegen.pipeline.Isa}.
 */
@NullMarked
package org.sallyport.codegen.pipeline;

import org.jspecify.annotations.NullMarked;
