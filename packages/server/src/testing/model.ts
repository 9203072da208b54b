// The model that our own tests use. The build takes its sources in, so that nothing has to be published for it.
export {
  call,
  createGate,
  emit,
  fail,
  type Gate,
  type Line,
  type ModelCall,
  type ModelPart,
  pause,
  type ScriptedModel,
  type ScriptedModelOptions,
  say,
  scriptedModel,
  think,
  wait,
  words,
} from '@holdfast/testkit/scripted-model';
