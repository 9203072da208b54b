export { model } from '../../../model.ts';
