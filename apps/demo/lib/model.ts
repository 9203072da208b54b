import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModel } from 'ai';
import { scriptedModel } from './scripted-model/model.ts';

/** A real model when there is a key (OPENAI_BASE_URL is honoured by the provider), else the script. */
export function chooseModel(): LanguageModel {
  if (!process.env.OPENAI_API_KEY) return scriptedModel;
  return createOpenAI()(process.env.OPENAI_MODEL || 'gpt-5-mini');
}

export const modelName = (): string =>
  process.env.OPENAI_API_KEY ? process.env.OPENAI_MODEL || 'gpt-5-mini' : 'scripted model';
